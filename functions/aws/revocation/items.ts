// The items of a revocation table: entries, the record, and the count of entries. The only place that knows how they
// are written. Refuses an item that it cannot read: an entry without its times is never taken for none.

import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import {
  FOREVER,
  type EntryName,
  type EntryTimes,
  type ListedEntry,
  type RevocationAuthor,
  type RevocationEntry,
  type RevocationRecord,
} from '../../../shared/edge.ts'

export type Item = Record<string, AttributeValue>

export interface ItemKey {
  readonly pk: string
  readonly sk: string
}

/** In the partition keys of entries. */
export const ENTRY_PREFIX = 'e#'

export const entryKey = (text: string): ItemKey => ({ pk: `${ENTRY_PREFIX}${text}`, sk: 'e' })

/** The count of entries. */
export const COUNT: ItemKey = { pk: 'count', sk: 'c' }

/** The months of which there are records, so that they are found latest first. */
export const MONTHS = 'months'

export const recordsOf = (month: string): string => `r#${month}`

/** `2026-11`. */
export const monthOf = (ms: number): string => new Date(ms).toISOString().slice(0, 7)

export const toKey = ({ pk, sk }: ItemKey): Item => ({ pk: { S: pk }, sk: { S: sk } })

export const numberValue = (value: number): AttributeValue => ({ N: String(value) })

/** How much later than `until` DynamoDB may delete an entry, in seconds: clocks differ. */
const LATER_SECONDS = 3_600

/** The attribute that `TimeToLiveSpecification` names, in seconds since the epoch; `null`: it is never deleted. */
export const expiresOf = ({ until }: Pick<EntryTimes, 'until'>): AttributeValue | null =>
  until >= FOREVER ? null : numberValue(until + LATER_SECONDS)

const toItem = (values: Readonly<Record<string, string | number | undefined>>): Item =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      if (value === undefined || value === '') return []
      return [[name, typeof value === 'number' ? numberValue(value) : { S: value }]]
    }),
  )

export function toEntryItem(
  key: ItemKey,
  { kind, issuer, id, notBefore, until }: RevocationEntry,
  { by, reason }: RevocationAuthor,
  at: number,
): Item {
  const expires = expiresOf({ until })
  return {
    ...toItem({ ...key, kind, issuer, id, notBefore, until, at, by, reason }),
    ...(expires === null ? {} : { expires }),
  }
}

export const toRecordItem = (
  key: ItemKey,
  { action, outcome, kind, issuer, id, notBefore, until, at, by, reason }: RevocationRecord,
): Item => toItem({ ...key, action, outcome, kind, issuer, id, notBefore, until, at, by, reason })

/** @throws If the attribute is no whole number of seconds. */
function secondsIn(item: Item, name: string): number {
  const value = Number(item[name]?.N ?? Number.NaN)
  if (!Number.isInteger(value) || value < 0 || value > FOREVER)
    throw new TypeError(`an item of the revocation table has no ${name}`)
  return value
}

/** @throws If the item has no times. */
export const timesOf = (item: Item): EntryTimes => ({
  notBefore: secondsIn(item, 'notBefore'),
  until: secondsIn(item, 'until'),
})

const textIn = (item: Item, name: string): string => item[name]?.S ?? ''

const nameOf = (item: Item): EntryName => ({
  kind: textIn(item, 'kind') as EntryName['kind'],
  issuer: textIn(item, 'issuer'),
  id: textIn(item, 'id'),
})

const authorOf = (item: Item): RevocationAuthor => ({
  by: textIn(item, 'by'),
  ...(item['reason'] === undefined ? {} : { reason: textIn(item, 'reason') }),
})

export const readEntry = (item: Item): ListedEntry => ({
  ...nameOf(item),
  ...timesOf(item),
  at: secondsIn(item, 'at'),
  ...authorOf(item),
})

export const readRecord = (item: Item): RevocationRecord => ({
  ...nameOf(item),
  ...timesOf(item),
  at: secondsIn(item, 'at'),
  action: textIn(item, 'action') as RevocationRecord['action'],
  outcome: textIn(item, 'outcome') as RevocationRecord['outcome'],
  ...authorOf(item),
})

// The table of the store on AWS, which the commands write themselves: with the credentials of whoever calls them, as
// the AWS SDK finds them. The SDK is loaded when it is needed.

import { webCrypto, type ResolvedConfig } from '../../shared/index.ts'
import type { NewEntry, RevocationStore } from '../../shared/edge.ts'
import { toEntries, toNames } from '../../shared/edge.ts'
import { reasonOfSdk } from './aws-sdk.ts'
import { TargetProblem, type RevocationTarget } from './target.ts'

export type OpenStore = () => Promise<RevocationStore>

/** The store of the table. `now`: milliseconds since the epoch. */
export const openTable =
  ({ revocation }: ResolvedConfig, now: () => number): OpenStore =>
  async () => {
    const { createDynamoDbStore } = await import('../../functions/aws/revocation/dynamodb.ts')
    const { dynamodb, maxEntries } = revocation!
    return createDynamoDbStore(dynamodb!, { maxEntries }, { now, crypto: webCrypto })
  }

const toShown = ({ kind, issuer, id, notBefore, until }: NewEntry) => ({ kind, issuer, id, notBefore, until })

/** `name`: as messages name the store. `now`: milliseconds since the epoch. */
export function createDynamoDbTarget(
  name: string,
  config: ResolvedConfig,
  now: () => number,
  open: OpenStore = openTable(config, now),
): RevocationTarget {
  const issuers = [...config.issuers.values()]
  let store: Promise<RevocationStore> | undefined

  async function ask<Result>(work: (store: RevocationStore) => Promise<Result>): Promise<Result> {
    try {
      return await work(await (store ??= open()))
    } catch (error) {
      throw error instanceof TargetProblem
        ? error
        : new TargetProblem(reasonOfSdk(error, '@aws-sdk/client-dynamodb'))
    }
  }

  return {
    name,
    edge: 'aws',
    revoke: (request, author) =>
      ask(async ({ revoke }) => {
        const entries = toEntries(request, issuers, Math.floor(now() / 1000))
        if ('problem' in entries) throw new TargetProblem(entries.problem)
        return { entries: entries.map(toShown), outcomes: await revoke(entries, author) }
      }),
    unrevoke: (request, author) =>
      ask(async ({ unrevoke }) => {
        const entries = toNames(request, issuers)
        if ('problem' in entries) throw new TargetProblem(entries.problem)
        return { entries, removed: await unrevoke(entries, author) }
      }),
    list: (page) => ask(({ list }) => list(page)),
    records: (page) => ask(({ records }) => records(page)),
  }
}

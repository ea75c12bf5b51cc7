// Sends the rows about revoked tokens through an edge: each token is accepted first, then something is revoked.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resolveConfig, webCrypto, type LanekeeperConfig } from '../../shared/index.ts'
import { createEntryKeys } from '../../shared/revocation/entry-keys.ts'
import { revocableText } from '../../shared/revocation/revocable.ts'
import { toEntries, toNames, type RevocableIssuer } from '../../shared/revocation/to-entries.ts'
import { attacksOf } from '../attacks/register.ts'
import {
  REVOCATION_ROWS,
  revocationConfig,
  sendToken,
  TOKEN,
  type RevocationRow,
} from '../cases/revocation.ts'
import { startCaseWorld, type CaseWorld } from '../support/case-world.ts'
import { expectOutcome } from './check-edge.ts'
import type { OpenRevocableEdge, RevocableEdge } from './revocable-edge.ts'

const { digestOf } = createEntryKeys(webCrypto)
const AUTHOR = { by: 'a row' }

export async function applyRow(
  row: RevocationRow,
  { edge, store }: RevocableEdge,
  world: CaseWorld,
  issuers: readonly RevocableIssuer[],
) {
  const to = (token: string) => sendToken(token, row)
  const token = await row.token(world, row.id)
  const before = await edge.send(to(token))
  for (const { isExact, ...request } of row.revoke(row.id, token)) {
    const id = request.id === TOKEN ? digestOf(revocableText(token)) : request.id
    const entries = toEntries(
      { ...request, ...(id === undefined ? {} : { id }) },
      issuers,
      Math.floor(Date.now() / 1000),
      isExact !== true,
    )
    if ('problem' in entries) throw new Error(entries.problem)
    await store.revoke(entries, AUTHOR)
  }
  for (const request of row.unrevoke?.(row.id) ?? []) {
    const names = toNames(request, issuers)
    if ('problem' in names) throw new Error(names.problem)
    await store.unrevoke(names, AUTHOR)
  }
  const later = await edge.send(to((await row.then?.(token, world, row.id)) ?? token))
  return { before, later }
}

/** Declares a test for each row. */
export function checkRevocations(
  name: Parameters<typeof expectOutcome>[0],
  open: OpenRevocableEdge,
  title: string = name,
): void {
  describe(title, () => {
    let world: CaseWorld
    let opened: RevocableEdge
    let config: LanekeeperConfig
    let issuers: readonly RevocableIssuer[]

    beforeAll(async () => {
      world = await startCaseWorld()
      config = revocationConfig(world)
      issuers = [...resolveConfig(config, { env: world.env }).issuers.values()]
      opened = await open(config, world.env)
    }, 60_000)

    afterAll(async () => {
      await opened.close()
      await world.close()
    })

    test.each(REVOCATION_ROWS.map((row) => [[row.id, ...attacksOf(row.id)].join(' '), row] as const))(
      '%s',
      async (_, row) => {
        const { before, later } = await applyRow(row, opened, world, issuers)
        expectOutcome(name, row.before, before)
        expectOutcome(name, row.expect, later)
      },
    )
  })
}

export const hasRows = (): void =>
  test('row ids are unique', () => {
    const ids = REVOCATION_ROWS.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

// The stores are killed, silent, slower than an edge waits, and slower than usual, while the same client sends requests
// to a route that asks the store and to one that does not.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from './answer.ts'
import { goodRequest, type DpopClient, type Sent } from './clients.ts'
import { PLAIN, STRONG } from './config.ts'
import { INSTANCES, type Ask, type Edge } from './edges.ts'
import { inLanes } from './lanes.ts'
import { judge } from './oracle.ts'
import type { BreakableStore } from '../breakable-stores.ts'

/** Each answer of a store is late by so many milliseconds. An edge waits for 1 000. */
export const DELAY_MS = { silent: 5_000, slow: 1_500, 'slower than usual': 300 } as const

export type Fault = 'killed' | keyof typeof DELAY_MS

/** By when an answer without the store has to be there, in milliseconds. */
export const ANSWER_BOUND_MS = 1_500

export interface OutageFigures {
  readonly edge: Edge
  readonly fault: Fault
  /** Before: requests to the first instance that passed, and that did not. */
  readonly before: { readonly allow: number; readonly other: number }
  /** Requests to the route that asks the store, by verdict. */
  readonly strong: Readonly<Record<Answer['verdict'], number>>
  /** Requests to the other route: that passed, and all others. */
  readonly plain: { readonly allow: number; readonly other: number }
  /** 503s with another code than that of the store. */
  readonly otherCodes: number
  readonly slowestMs: number
  /** After the store answers again: new proofs of the same client that passed, and that did not. */
  readonly after: { readonly allow: number; readonly other: number }
  /**
   * Sent again afterwards: proofs that had passed through the first instance before, to the second one, and proofs of
   * the outage, to both. And how many of them passed twice in all.
   */
  readonly again: { readonly sent: number; readonly twice: number }
}

export interface OutageOptions {
  readonly edge: Edge
  readonly ask: Readonly<Record<string, Ask>>
  readonly client: DpopClient
  readonly store: BreakableStore
  /** To each instance and route. */
  readonly requests: number
  /** Requests on their way at once, to each instance. */
  readonly atOnce: number
}

const SETTLE_TRIES = 60
const SETTLE_MS = 250

export async function runOutage(options: OutageOptions, fault: Fault): Promise<OutageFigures> {
  const { edge, ask, client, store, requests, atOnce } = options
  const instances = INSTANCES[edge].map((name) => ask[name]!)
  const strong = { allow: 0, refused: 0, unavailable: 0, none: 0 }
  const plain = { allow: 0, other: 0 }
  const before = { allow: 0, other: 0 }
  const after = { allow: 0, other: 0 }
  const used: Sent[] = []
  const refused: Sent[] = []
  let otherCodes = 0
  let slowestMs = 0

  async function sendStrong(to: Ask): Promise<void> {
    const sent = goodRequest(client, STRONG)
    const answer = await to(sent)
    strong[answer.verdict]++
    slowestMs = Math.max(slowestMs, answer.tookMs)
    if (answer.verdict !== 'unavailable') return
    refused.push(sent)
    if (answer.code !== 'replay_unavailable') otherCodes++
  }

  async function count(to: Ask, route: typeof PLAIN | typeof STRONG, into: typeof plain): Promise<void> {
    const finding = judge(null, await to(goodRequest(client, route)))
    into[finding === 'right' ? 'allow' : 'other']++
  }

  const sendAll = (work: (to: Ask) => Promise<void>) =>
    Promise.all(instances.map((to) => inLanes(requests, atOnce, () => work(to))))

  /** An edge notices after a moment that a store answers again. */
  async function settle(to: Ask): Promise<void> {
    for (let tries = 0; tries < SETTLE_TRIES; tries++) {
      if ((await to(goodRequest(client, STRONG))).verdict === 'allow') return void after.allow++
      await sleep(SETTLE_MS)
    }
    after.other++
  }

  async function sendBefore(): Promise<void> {
    const sent = goodRequest(client, STRONG)
    const isAllowed = (await instances[0]!(sent)).verdict === 'allow'
    before[isAllowed ? 'allow' : 'other']++
    if (isAllowed) used.push(sent)
  }

  await inLanes(requests, atOnce, sendBefore)
  await (fault === 'killed' ? store.kill() : store.delay(DELAY_MS[fault]))
  await sendAll(sendStrong)
  await sendAll((to) => count(to, PLAIN, plain))
  await (fault === 'killed' ? store.start() : store.delay(0))
  await Promise.all(instances.map(settle))
  await sendAll((to) => count(to, STRONG, after))
  let twice = 0
  for (const sent of used) if ((await instances[1]!(sent)).verdict === 'allow') twice++
  const unused = refused.slice(0, requests)
  for (const sent of unused) {
    const answers = await Promise.all(instances.map((to) => to(sent)))
    if (answers.every(({ verdict }) => verdict === 'allow')) twice++
  }
  const again = { sent: used.length + unused.length, twice }
  return { edge, fault, before, strong, plain, otherCodes, slowestMs, after, again }
}

// An open-loop load: requests are sent when they are due, whether or not earlier ones have been answered. Requests that
// cannot be sent because too many are in flight are counted.

import { setTimeout as sleep } from 'node:timers/promises'

export interface Load {
  /** Sends the requests that fall due until a real time. */
  driveUntil(realMs: number): Promise<void>
  /** Waits for every answer. */
  settle(): Promise<void>
  unsent(): number
}

const TICK_MS = 10

/** `now` and `wait`: real time, in milliseconds. */
export function createLoad(
  rate: number,
  mostOnTheirWay: number,
  send: () => Promise<void>,
  { now: read = Date.now, wait = (ms: number): Promise<unknown> => sleep(ms) } = {},
): Load {
  const onTheirWay = new Set<Promise<void>>()
  let startedAt: number | null = null
  let due = 0
  let unsent = 0

  function sendOne(): void {
    if (onTheirWay.size >= mostOnTheirWay) {
      unsent++
      return
    }
    const one = send().finally(() => void onTheirWay.delete(one))
    onTheirWay.add(one)
  }

  return {
    async driveUntil(realMs) {
      startedAt ??= read()
      for (let now = read(); ; now = read()) {
        const wanted = ((Math.min(now, realMs) - startedAt) * rate) / 1000
        for (; due < wanted; due++) sendOne()
        if (now >= realMs) return
        await wait(Math.max(1, Math.min(TICK_MS, realMs - now)))
      }
    },
    settle: async () => void (await Promise.all(onTheirWay)),
    unsent: () => unsent,
  }
}

// The full decision about new tokens, against WebCrypto alone. All contestants get the same tokens, which are signed
// before the clock starts, and no contestant gets a token twice.

import { checkContestant } from '../contestants/check.ts'
import { CONTESTANTS } from '../contestants/index.ts'
import { OURS_ON_LAMBDA, OURS_ON_NODE } from '../contestants/ours.ts'
import { createSubtle, SUBTLE, takeApart } from '../contestants/subtle.ts'
import { ratioOf, worst, type Group, type Target } from '../result.ts'
import { lap, takeTurns, type Runner } from '../rounds.ts'
import type { RunRow } from '../row.ts'
import { ALGORITHMS, type Algorithm } from '../world.ts'

export const AT_ONCE = [1, 32] as const

/** Microseconds that the floor idles before each token, to see what idling alone costs. No contestant needs as long. */
const IDLE_US = 6

const idleBefore =
  <Input, Result>(run: (input: Input) => Result) =>
  (input: Input): Result => {
    const until = performance.now() + IDLE_US / 1000
    while (performance.now() < until);
    return run(input)
  }

/**
 * Each lap follows a garbage collection, after which memory has to be allocated anew: in a short lap that is most of
 * the time measured. How threads wake and take turns on few cores varies from moment to moment, so contestants that use
 * several threads need more and longer laps.
 */
const EFFORT = {
  quick: {
    warmUp: 1,
    alone: { rounds: 3, tokens: 300 },
    together: { rounds: 3, tokens: 400 },
  },
  full: {
    warmUp: 3,
    alone: { rounds: 15, tokens: 1_250 },
    together: { rounds: 31, tokens: 4_000 },
  },
} as const

/** A new string made from bytes, as a server makes it. */
export const freshString = (bytes: Buffer): string => bytes.toString('latin1')

export const runUnseen: RunRow = async ({ quick, world, progress }) => {
  const { warmUp, alone, together } = EFFORT[quick ? 'quick' : 'full']

  async function runnersFor(algorithm: Algorithm, atOnce: number): Promise<Runner<readonly Buffer[]>[]> {
    const subtle = await createSubtle(world, algorithm)
    const others = CONTESTANTS.filter(({ lacks = [] }) => !lacks.includes(algorithm)).map(
      async ({ name, create }) => {
        const verify = await create(world, algorithm)
        return {
          name,
          measure: (fields: readonly Buffer[]) => lap(name, fields.map(freshString), atOnce, verify),
        }
      },
    )
    const takenApart = (fields: readonly Buffer[]) =>
      fields.map((bytes) => takeApart(freshString(bytes).slice('Bearer '.length)))
    const floors: Runner<readonly Buffer[]>[] = [
      { name: SUBTLE, measure: (fields) => lap(SUBTLE, takenApart(fields), atOnce, subtle) },
      {
        name: `${SUBTLE}, and ${IDLE_US} µs of nothing`,
        measure: (fields) => lap(SUBTLE, takenApart(fields), atOnce, idleBefore(subtle)),
      },
    ]
    return [...floors, ...(await Promise.all(others))]
  }

  const groups: { readonly atOnce: number; readonly group: Group }[] = []
  for (const algorithm of ALGORITHMS) {
    progress(`${algorithm}: everybody's verdicts`)
    for (const contestant of CONTESTANTS)
      if (!contestant.lacks?.includes(algorithm)) await checkContestant(contestant, world, algorithm)
    for (const atOnce of AT_ONCE) {
      const { rounds, tokens } = atOnce === 1 ? alone : together
      const title = `${algorithm}, ${atOnce === 1 ? 'one at a time' : `${atOnce} in flight`}`
      const fields = async () =>
        (await world.tokens(algorithm, tokens)).map((token) => Buffer.from(`Bearer ${token}`))
      const contestants = await takeTurns(
        await runnersFor(algorithm, atOnce),
        { rounds, warmUp },
        fields,
        (text) => progress(`${title}: ${text}`),
      )
      groups.push({ atOnce, group: { title, unit: 'per second', reference: SUBTLE, contestants } })
    }
  }
  return {
    row: 'unseen',
    groups: groups.map(({ group }) => group),
    targets: toTargets(groups),
    notes: CONTESTANTS.map(({ name, unchecked }) => `${name} does not check ${unchecked}.`).map((note) =>
      note.replace('does not check nothing', 'checks all of it and leaves out nothing'),
    ),
  }
}

/** The ratio that is worst for us, over the algorithms. */
function toTargets(all: readonly { readonly atOnce: number; readonly group: Group }[]): Target[] {
  const at = (atOnce: number) => all.filter((one) => one.atOnce === atOnce).map(({ group }) => group)
  const has = (name: string) => (group: Group) => group.contestants.some((one) => one.name === name)
  const target = (atOnce: number, ours: string, reference: string, least: number): Target => {
    const group = worst(at(atOnce).filter(has(reference)), ours, reference)
    return {
      what: `unseen, ${ours}, against ${reference} (worst: ${group.title})`,
      bound: { least },
      unit: '×',
      reached: ratioOf(group, ours, reference),
    }
  }
  return [
    // One at a time is the load of a Lambda, many in flight that of a server.
    target(1, OURS_ON_LAMBDA.name, SUBTLE, 0.95),
    target(32, OURS_ON_NODE.name, SUBTLE, 0.75),
    target(32, OURS_ON_NODE.name, 'jose', 1),
    target(32, OURS_ON_NODE.name, 'aws-jwt-verify', 1),
  ]
}

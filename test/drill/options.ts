// The command lines of the drills and of the soak.

import { parseArgs } from 'node:util'
import { Stop } from '../../cli/stop.ts'

interface Flag {
  readonly default: number
  readonly least: number
  readonly most: number
}

const DRILL_FLAGS = {
  seconds: { default: 150, least: 6, most: 3_600 },
  rate: { default: 60, least: 3, most: 600 },
  seed: { default: 1, least: 0, most: 2 ** 32 - 1 },
} as const satisfies Record<string, Flag>

const SOAK_FLAGS = {
  tokens: { default: 1_000_000, least: 1_000, most: 100_000_000 },
} as const satisfies Record<string, Flag>

const DRILL_HELP = `npm run drill -- [--seconds N] [--rate R] [--seed S] [--broken]

  --seconds N   how long the phases last together (default ${DRILL_FLAGS.seconds.default}; the clock runs as fast as that needs)
  --rate R      requests a second, over all edges together (default ${DRILL_FLAGS.rate.default})
  --seed S      which tokens come when (default ${DRILL_FLAGS.seed.default})
  --broken      with a Worker that is wrong on purpose, to see that the drill notices: must end with exit code 1
  --help        this text`

const SOAK_HELP = `npm run soak -- [--tokens N]

  --tokens N    distinct valid tokens through each edge (default ${SOAK_FLAGS.tokens.default})
  --help        this text`

const REVOCATION_FLAGS = {
  seconds: { default: 300, least: 10, most: 3_600 },
  rate: { default: 80, least: 4, most: 600 },
  entries: { default: 1_000, least: 0, most: 5_000 },
  seed: { default: 1, least: 0, most: 2 ** 32 - 1 },
} as const satisfies Record<string, Flag>

const REVOCATION_HELP = `npm run drill:revocation -- [--seconds N] [--rate R] [--entries E] [--seed S] [--busy] [--broken]

  --seconds N   how long the phases last together, in real time (default ${REVOCATION_FLAGS.seconds.default}); refreshSeconds and staleSeconds are
                shorter in a shorter drill, and no phase is shorter than it needs to be
  --rate R      requests a second, over all instances, besides those about tokens that are being revoked (default ${REVOCATION_FLAGS.rate.default})
  --entries E   entries a second that the store Worker gets; DynamoDB gets a fiftieth (default ${REVOCATION_FLAGS.entries.default})
  --seed S      which tokens come when (default ${REVOCATION_FLAGS.seed.default})
  --busy        for a machine that is busy: only what no delay excuses ends with exit code 1
  --broken      with a Worker that does not ask the store, to see that the drill notices: must end with exit code 1
  --help        this text`

const DPOP_FLAGS = {
  pairs: { default: 10_000, least: 20, most: 1_000_000 },
  requests: { default: 5_000, least: 100, most: 1_000_000 },
  proofs: { default: 1_000_000, least: 4_000, most: 100_000_000 },
  keys: { default: 20_000, least: 1_000, most: 1_000_000 },
  seed: { default: 1, least: 0, most: 2 ** 32 - 1 },
} as const satisfies Record<string, Flag>

const DPOP_HELP = `npm run drill:dpop -- [--pairs P] [--requests R] [--proofs N] [--keys K] [--seed S] [--busy] [--broken]

  --pairs P     pairs of uses of one proof at the same time, for each edge (default ${DPOP_FLAGS.pairs.default})
  --requests R  good and bad requests to each instance (default ${DPOP_FLAGS.requests.default})
  --proofs N    proofs through each edge while its memory is measured (default ${DPOP_FLAGS.proofs.default})
  --keys K      proofs by a key of their own each, after those (default ${DPOP_FLAGS.keys.default})
  --seed S      which requests come when (default ${DPOP_FLAGS.seed.default})
  --busy        for a machine that is busy: only what no delay excuses ends with exit code 1
  --broken      the first Worker and the first Lambda do not ask the store: must end with exit code 1
  --help        this text`

type Numbers<Flags> = { readonly [name in keyof Flags]: number }

function readFlags<Flags extends Readonly<Record<string, Flag>>>(
  args: readonly string[],
  flags: Flags,
  switches: readonly string[],
  help: string,
): { numbers: Numbers<Flags>; on: (name: string) => boolean } {
  const known = Object.fromEntries([
    ...Object.keys(flags).map((name) => [name, { type: 'string' }] as const),
    ...[...switches, 'help'].map((name) => [name, { type: 'boolean' }] as const),
  ])
  let values: Readonly<Record<string, unknown>>
  try {
    values = parseArgs({ args: [...args], options: known }).values
  } catch (error) {
    throw new Stop(`${(error as Error).message.split('. ')[0]}.\n\n${help}`, 2)
  }
  if (values['help'] === true) throw new Stop(help, 0)
  const numbers = Object.entries(flags).map(([name, { default: usual, least, most }]) => {
    const given = values[name]
    const number = given === undefined ? usual : /^\d+$/.test(String(given)) ? Number(given) : NaN
    if (!(number >= least && number <= most))
      throw new Stop(`--${name} must be a whole number from ${least} to ${most}, not "${given}".`, 2)
    return [name, number]
  })
  return { numbers: Object.fromEntries(numbers), on: (name) => values[name] === true }
}

export interface DrillOptions extends Numbers<typeof DRILL_FLAGS> {
  readonly broken: boolean
}

/** @throws {Stop} with what to change. */
export function readDrillOptions(args: readonly string[]): DrillOptions {
  const { numbers, on } = readFlags(args, DRILL_FLAGS, ['broken'], DRILL_HELP)
  return { ...numbers, broken: on('broken') }
}

/** @throws {Stop} with what to change. */
export const readSoakOptions = (args: readonly string[]): Numbers<typeof SOAK_FLAGS> =>
  readFlags(args, SOAK_FLAGS, [], SOAK_HELP).numbers

export interface RevocationDrillOptions extends Numbers<typeof REVOCATION_FLAGS> {
  readonly broken: boolean
  readonly busy: boolean
}

/** @throws {Stop} with what to change. */
export function readRevocationDrillOptions(args: readonly string[]): RevocationDrillOptions {
  const { numbers, on } = readFlags(args, REVOCATION_FLAGS, ['busy', 'broken'], REVOCATION_HELP)
  return { ...numbers, broken: on('broken'), busy: on('busy') }
}

export interface DpopDrillOptions extends Numbers<typeof DPOP_FLAGS> {
  readonly broken: boolean
  readonly busy: boolean
}

/** @throws {Stop} with what to change. */
export function readDpopDrillOptions(args: readonly string[]): DpopDrillOptions {
  const { numbers, on } = readFlags(args, DPOP_FLAGS, ['busy', 'broken'], DPOP_HELP)
  return { ...numbers, broken: on('broken'), busy: on('busy') }
}

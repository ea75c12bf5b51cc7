// Finds the lines of a token in a log, by its name there: the keyed hash of `log.fingerprintKey`. The key is read from
// a file or from the environment; neither the key nor the name is shown.

import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { AWS_EDGE } from '../../functions/aws/compile.ts'
import { CLOUDFLARE_EDGE } from '../../functions/cloudflare/compile.ts'
import { compileFor, nameToken, type EdgeCompiler } from '../../shared/compiler.ts'
import { webCrypto } from '../../shared/index.ts'
import type { CommandIo } from '../command.ts'
import { readText } from '../revocation/input.ts'
import { Stop } from '../stop.ts'
import type { Secrets } from './at-hand.ts'
import type { Facts } from './facts.ts'
import { readDecisions, type LogLine } from './log-lines.ts'

/** The lines of a token, or why none can be found. */
export type LogFindings =
  | { readonly because: string }
  | {
      /** In the order of the log. */
      readonly lines: readonly LogLine[]
      /** How many decisions about any token the log has. */
      readonly decisions: number
      /** The plans of this configuration, by edge; an edge that it is not for is left out. */
      readonly plans: Readonly<Record<string, string>>
    }

const RANDOM =
  'the configuration has no log.fingerprintKey: every instance names tokens with a random key of its own, so no line can be found'

/** @throws {Stop} If the file cannot be read (exit code 2). */
async function* linesOf(file: string, cwd: string): AsyncGenerator<string> {
  // The parts of a line are joined at its end alone, so that one without an end costs no more than its length.
  let parts: string[] = []
  const take = (): string => {
    const line = parts.join('').replace(/\r$/, '')
    parts = []
    return line
  }
  try {
    for await (const chunk of createReadStream(resolve(cwd, file), 'utf8')) {
      const [first, ...more] = (chunk as string).split('\n')
      parts.push(first!)
      for (const next of more) {
        yield take()
        parts.push(next)
      }
    }
  } catch (error) {
    throw new Stop(`--log: cannot be read (${(error as NodeJS.ErrnoException).code}).`, 2)
  }
  yield take()
}

/** The key, or why there is none. */
async function readKey(
  { stage }: Facts,
  file: string | undefined,
  secrets: Secrets,
  io: CommandIo,
): Promise<{ readonly key: string } | { readonly because: string }> {
  if (file !== undefined) return { key: await readText(io.cwd, file, '--fingerprint-key-file', io.stdin) }
  const ref = stage.config.log.fingerprintKey
  if (ref === null) return { because: RANDOM }
  const key = secrets.has(ref) ? await secrets.read(ref) : undefined
  if (key !== undefined) return { key }
  const where = ref.env === undefined ? '' : `set ${ref.env}, or `
  return { because: `the key of log.fingerprintKey is not at hand: ${where}pass --fingerprint-key-file` }
}

/** An issuer whose keys a build fetches changes the plan with every build. */
const hasBundledKeys = ({ stage }: Facts): boolean =>
  [...stage.config.issuers.values()].some(
    ({ keys }) => keys.secret === undefined && keys.bundledMaxAgeMs !== undefined,
  )

/** The hashes of the plans that a build of this configuration has. */
function plansOf(facts: Facts): Readonly<Record<string, string>> {
  if (hasBundledKeys(facts)) return {}
  const { given, stage, env } = facts.stage
  return Object.fromEntries(
    [CLOUDFLARE_EDGE, AWS_EDGE].flatMap((edge) => {
      try {
        return [[edge.name, compileFor(edge as EdgeCompiler, given, { stage, env }, true).plan.hash]]
      } catch {
        return []
      }
    }),
  )
}

/** @throws {Stop} If a file cannot be read (exit code 2). */
export async function findInLog(
  facts: Facts,
  values: { readonly log?: string | undefined; readonly 'fingerprint-key-file'?: string | undefined },
  secrets: Secrets,
  io: CommandIo,
): Promise<LogFindings> {
  if (facts.token === null) return { because: 'no token is given' }
  const read = await readKey(facts, values['fingerprint-key-file'], secrets, io)
  if ('because' in read) return read
  const name = await nameToken(facts.token, read.key, webCrypto)
  if (name === null)
    return { because: 'the key of log.fingerprintKey is no such key: it has 32 characters or more' }
  const lines: LogLine[] = []
  let decisions = 0
  for await (const line of readDecisions(linesOf(values.log!, io.cwd))) {
    decisions++
    if (line.token === name) lines.push(line)
  }
  return { lines, decisions, plans: plansOf(facts) }
}

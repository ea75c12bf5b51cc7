// `lanekeeper revoke`: writes a revocation to every store of a stage and empties the caches of API Gateway. Says until
// when revoked tokens may still be accepted, and where the revocation is not in force. A token is never an argument.

import { toEntries, type RevocationEntry, type RevocationRequest } from '../shared/edge.ts'
import type { CommandIo } from './command.ts'
import { AUTHOR_HELP, AUTHOR_OPTIONS, readAuthor } from './revocation/author.ts'
import { effectOf, flushCaches, oldAnswerMs } from './revocation/effect.ts'
import { openCache } from './revocation/gateway-caches.ts'
import { parseSafely } from './revocation/options.ts'
import { askAll, layOutEntries } from './revocation/report.ts'
import { hasFailed, printText, toDocument, type RevokeOutcomes } from './revocation/revoke-report.ts'
import { readSelection, SELECTORS, SELECTORS_HELP } from './revocation/selection.ts'
import { shownJson } from './shown.ts'
import { openTargets, readStage, STAGE_HELP, STAGE_OPTIONS } from './revocation/stage.ts'
import { parseBefore } from './revocation/times.ts'
import { Stop } from './stop.ts'

const HELP = `lanekeeper revoke SELECTOR [options]

Revokes access tokens before they expire, in every store that the stage configures, and empties the caches of API Gateway
in aws.caches. Exit code 0, 1 if a store or a cache has failed (the others are written all the same), 2 if the command is
called in a wrong way.

${SELECTORS_HELP}

  --before TIME           only tokens issued up to this time: 2026-11-30T14:00:00Z, or seconds since the epoch
  --dry-run               prints what would be revoked and writes nothing
  --yes                   required for --issuer alone and for --tenant
${AUTHOR_HELP}
${STAGE_HELP}`

const OPTIONS = {
  ...SELECTORS,
  ...AUTHOR_OPTIONS,
  ...STAGE_OPTIONS,
  before: { type: 'string' },
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean' },
} as const

const WIDE: readonly string[] = ['issuer', 'tenant']

function demandYes({ kind }: RevocationRequest, planned: readonly RevocationEntry[], isGiven: boolean): void {
  if (isGiven || !WIDE.includes(kind)) return
  throw new Stop(
    `This revokes every token of ${kind === 'issuer' ? 'the issuer' : 'the tenant'}; pass --yes if it is meant:\n\n${layOutEntries(planned)}`,
    2,
  )
}

/** @throws {Stop} As `Command.run` does. */
export async function runRevoke(args: readonly string[], io: CommandIo): Promise<number> {
  const options = parseSafely(args, OPTIONS, HELP)
  if (options.help === true) return (io.print(HELP), 0)
  const isDryRun = options['dry-run'] === true
  const now = Math.floor(io.now() / 1000)
  const before = options.before === undefined ? undefined : parseBefore(options.before, now)
  const stage = await readStage(options, io)
  const { config, edge } = stage
  const author = readAuthor(options, stage.env)
  const { request: selected, isToken, hasExpired } = await readSelection(options, config, io, now)
  if (isToken && before !== undefined) throw new Stop('--before does not go with --token-file.', 2)
  const request = { ...selected, ...(before !== undefined && { before }) }
  const entries = toEntries(request, [...config.issuers.values()], now)
  // readSelection has found no problem, and `before` is in the past.
  const planned = 'problem' in entries ? [] : entries.map(({ wider: _, ...entry }) => entry)
  demandYes(request, planned, options.yes === true || isDryRun)

  const targets = await openTargets(stage, options, 'revoke', io)
  const caches = edge === 'cloudflare' ? [] : (config.aws.caches ?? []).map(openCache)
  const isText = options.json !== true
  const common = {
    config,
    isDryRun,
    isToken,
    hasExpired,
    planned,
  }
  let outcome: RevokeOutcomes
  if (isDryRun)
    outcome = {
      ...common,
      stores: targets.map(({ name, edge }) => ({ target: { name, edge }, answer: null, problem: null })),
      caches: caches.map(({ name }) => ({ name, problem: null })),
      effect: effectOf(
        config,
        targets.map((target) => target.edge),
        caches.length > 0,
      ),
    }
  else {
    const stores = await askAll(targets, (target) => target.revoke(request, author))
    const written = stores.filter((store) => !hasFailed(store)).map(({ target }) => target.edge)
    const milliseconds = oldAnswerMs(config)
    const wait = async () => {
      if (isText)
        io.print(
          `The caches of API Gateway are emptied again in ${milliseconds / 1000} s: until then a function may give an answer from before.\n`,
        )
      await io.sleep(milliseconds)
    }
    const flushed = await flushCaches(caches, written.includes('aws') ? wait : null)
    outcome = {
      ...common,
      stores,
      caches: flushed,
      effect: effectOf(
        config,
        written,
        flushed.length > 0 && flushed.every(({ problem }) => problem === null),
      ),
    }
  }
  const failures = isDryRun
    ? 0
    : outcome.stores.filter(hasFailed).length +
      outcome.caches.filter(({ problem }) => problem !== null).length
  const exitCode = failures === 0 ? 0 : 1
  if (isText) printText(outcome, io)
  else io.print(shownJson(toDocument(outcome, exitCode)))
  return exitCode
}

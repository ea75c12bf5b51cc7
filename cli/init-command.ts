// `lanekeeper init`: writes a configuration and the files of a deployment tool into the project of a person. Never over
// anything that stands, and nothing at all if something does.

import { ConfigError } from '../shared/edge.ts'
import { parseOptions, type CommandIo } from './command.ts'
import { PROVIDERS } from './init/providers.ts'
import { prepare, type Prepared } from './init/prepare.ts'
import { projectName } from './init/project-name.ts'
import { readAnswers } from './init/read-answers.ts'
import { findStanding, writeFiles } from './init/write-files.ts'
import { shown, shownJson } from './shown.ts'
import { Stop } from './stop.ts'
import { paint } from './table.ts'

const HELP = `lanekeeper init [options]

Writes lanekeeper.config.ts and the files of wrangler, osls, CDK or SAM into this folder, with a small function or Worker
behind a protected route. Asks for what the options do not say, if somebody is there to answer. Reads the metadata and the
keys of the issuer. Never writes over a file: if one stands, nothing is written. Exit code 1 then, 2 if something is
missing or wrong. docs/starting.md

  --edge NAME      cloudflare, aws or both
  --tool NAME      the tool for aws: osls, cdk or sam; wrangler for cloudflare
  --api NAME       aws: http, rest or websocket; default: http
  --provider NAME  ${PROVIDERS.slice(0, 8).join(', ')},
                   ${PROVIDERS.slice(8).join(', ')}
  --issuer URL     the issuer, or the address of its metadata
  --audience TEXT  what \`aud\` of its access tokens has for your API; may be repeated
  --client ID      the only clients that may call; may be repeated
  --route TEXT     a rule, as in 'GET /orders orders:read': scopes, none or public; may be repeated
  --origin URL     cloudflare: where the Worker sends requests, or "sample" for a small Worker that answers
  --enforce        refuses from the start; default: report-only
  --offline        does not read the metadata of the issuer
  --config-only    writes lanekeeper.config.ts alone
  --dry-run        prints the files and writes none
  --json           one JSON document instead of text
  --help           this text`

const OPTIONS = {
  edge: { type: 'string' },
  tool: { type: 'string', multiple: true },
  api: { type: 'string' },
  provider: { type: 'string' },
  issuer: { type: 'string' },
  audience: { type: 'string', multiple: true },
  client: { type: 'string', multiple: true },
  route: { type: 'string', multiple: true },
  origin: { type: 'string' },
  enforce: { type: 'boolean' },
  offline: { type: 'boolean' },
  'config-only': { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

interface Outcome {
  readonly prepared: Prepared
  readonly standing: readonly string[]
  readonly isDryRun: boolean
}

const remedyFor = (standing: readonly string[]): string =>
  `Nothing is written, because ${standing.length === 1 ? 'this stands' : 'these stand'} already: ${standing.join(', ')}.` +
  ' Use an empty folder, --config-only for lanekeeper.config.ts alone, or --dry-run to see what init would write.'

function toDocument({ prepared, standing, isDryRun }: Outcome): object {
  const { answers, found, files, next } = prepared
  const ok = standing.length === 0
  return {
    version: 1,
    ok,
    written: ok && !isDryRun,
    ...(ok ? {} : { error: remedyFor(standing) }),
    standing,
    files: files.map(({ path, text }) => ({ path, ...(isDryRun ? { text } : {}) })),
    issuer: {
      typed: answers.issuer,
      issuer: found.issuer,
      isConfirmed: found.metadataUrl !== null,
      metadataUrl: found.metadataUrl,
      algorithms: found.algorithms,
    },
    warnings: found.warnings,
    next,
  }
}

function printOutcome({ prepared, standing, isDryRun }: Outcome, { print, printError }: CommandIo): void {
  const { found, files, next } = prepared
  if (isDryRun) for (const { path, text } of files) print(`${paint('bold', path)}\n\n${text}`)
  if (found.metadataUrl !== null) {
    const keys = found.algorithms === null ? '' : `; its keys sign with ${found.algorithms.join(', ')}`
    print(`issuer: ${shown(found.issuer)}, as its metadata says${keys}`)
  }
  for (const warning of found.warnings) print(`warning: ${warning}`)
  if (standing.length > 0) return printError(remedyFor(standing))
  if (isDryRun) return print('Nothing is written (--dry-run).')
  print(`written: ${files.map(({ path }) => path).join(', ')}\n`)
  for (const { command, what } of next) {
    print(paint('dim', `# ${what}`))
    if (command !== null) print(command)
  }
}

/** @throws {Stop} As `Command.run` does. */
export async function runInit(args: readonly string[], io: CommandIo): Promise<number> {
  const options = parseOptions(args, OPTIONS, HELP)
  if (options.help === true) return (io.print(HELP), 0)
  const answers = await readAnswers(options, projectName(io.cwd), HELP, io)
  const isDryRun = options['dry-run'] === true
  let prepared
  try {
    prepared = await prepare(
      answers,
      { isOffline: options.offline === true, isConfigOnly: options['config-only'] === true },
      io,
    )
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new Stop(`Nothing is written, because the configuration would have problems. ${error.message}`, 2)
  }
  const standing = findStanding(io.cwd, prepared.files)
  if (standing.length === 0 && !isDryRun) writeFiles(io.cwd, prepared.files)
  const outcome = { prepared, standing, isDryRun }
  if (options.json === true) io.print(shownJson(toDocument(outcome)))
  else printOutcome(outcome, io)
  return standing.length === 0 ? 0 : 1
}

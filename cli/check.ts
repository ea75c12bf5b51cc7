// `lanekeeper check`: whether a configuration, and the wrangler.toml and serverless.yml beside it, may be deployed.
// Needs no build and no account, and no network without `--online`. Changes nothing; osls writes `.serverless`.

import { basename, dirname } from 'node:path'
import { toCheckDocument, toFailureDocument } from './check-document.ts'
import { parseOptions, readEnvironment, type CommandIo } from './command.ts'
import type { Packager } from './compare-stages.ts'
import { check, type CheckResult, type EdgeName } from './config-check.ts'
import { findConfigFile, loadConfig } from './load-config.ts'
import { checkOnline } from './online/check-online.ts'
import { hasOnlineProblem } from './online/online-document.ts'
import { describeOnline } from './online/online-report.ts'
import { oslsPackager } from './osls-packager.ts'
import { shownJson } from './shown.ts'
import { Stop } from './stop.ts'
import { checkStageName } from './stage-config.ts'

const HELP = `lanekeeper check [options]

Checks lanekeeper.config.ts (or .mts, .js, .mjs) in every stage. Compares wrangler.toml and serverless.yml beside it, with
the wrangler and the osls of the project. If one of the two is missing, its edge is not checked; if both are, the
configuration is checked for both edges. Exit code 0 if everything may be deployed, 1 if there is a problem, 2 if the
command cannot be run.

  --config FILE    another configuration file
  --stage NAME     only this stage
  --edge NAME      only this edge, cloudflare or aws, with or without its file
  --template FILE  a CloudFormation template of one stage (CDK, SAM or osls; JSON or YAML), in place of serverless.yml.
                   Repeat it for each stack of the stage
  --parameter NAME=VALUE  the value of a parameter of the template, in place of its default. Repeat it for others
  --online         also asks the issuers what an edge asks them; without it nothing is fetched (docs/checking.md)
  --env-file FILE  variables that the environment does not have, as lines NAME=value
  --json           one JSON document instead of text (docs/checking.md)
  --help           this text`

const OPTIONS = {
  config: { type: 'string' },
  stage: { type: 'string' },
  edge: { type: 'string' },
  template: { type: 'string', multiple: true },
  parameter: { type: 'string', multiple: true },
  online: { type: 'boolean' },
  'env-file': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

const EDGES: readonly string[] = ['cloudflare', 'aws'] satisfies EdgeName[]

function toEdge(name: string | undefined): EdgeName | undefined {
  if (name !== undefined && !EDGES.includes(name)) throw new Stop('--edge is cloudflare or aws.', 2)
  return name as EdgeName | undefined
}

/** The packager of `--template`, or of serverless.yml. */
async function choosePackager(
  templates: readonly string[] | undefined,
  parameters: readonly string[] | undefined,
  stage: string | undefined,
  stages: object,
  cwd: string,
): Promise<Packager> {
  if (templates === undefined && parameters !== undefined)
    throw new Stop('--parameter goes with --template.', 2)
  if (templates === undefined) return oslsPackager
  if (stage === undefined && Object.keys(stages).length > 1)
    throw new Stop('--template is the template of one stage; name it with --stage.', 2)
  const { openTemplateFile } = await import('./template-file.ts')
  return openTemplateFile(templates, cwd, parameters)
}

/** @throws {Stop} As `Command.run` does. */
export async function runCheck(args: readonly string[], io: CommandIo): Promise<number> {
  const options = parseOptions(args, OPTIONS, HELP)
  if (options.help === true) return (io.print(HELP), 0)
  const edge = toEdge(options.edge)
  const env = readEnvironment(io, options['env-file'])
  const file = findConfigFile(io.cwd, options.config)
  const isText = options.json !== true
  const printDocument = (document: object) => io.print(shownJson(document))
  try {
    const config = await loadConfig(file, io.cwd)
    checkStageName(options.stage, config.stages ?? {})
    const result: CheckResult = await check(config, {
      root: dirname(file),
      env,
      packager: await choosePackager(
        options.template,
        options.parameter,
        options.stage,
        config.stages ?? {},
        io.cwd,
      ),
      stage: options.stage,
      edge,
      print: isText ? io.print : () => {},
      printError: isText ? io.printError : () => {},
    })
    const online = options.online === true ? await checkOnline(config, options.stage, io, env) : null
    if (!isText) printDocument(toCheckDocument(basename(file), result, online))
    else if (online !== null) io.print(describeOnline(online))
    return online !== null && hasOnlineProblem(online) ? 1 : result.exitCode
  } catch (error) {
    if (isText || !(error instanceof Stop) || error.exitCode !== 1) throw error
    printDocument(toFailureDocument(basename(file), error.message))
    return error.exitCode
  }
}

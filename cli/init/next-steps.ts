// The commands that come after init, in their order. Lanekeeper edits no package.json, so it prints what to install.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readVersion } from '../version.ts'
import type { Answers, AwsTool } from './answers.ts'
import { TOOL_VERSIONS } from './tool-versions.ts'

export interface NextStep {
  /** A line for a shell in the project. `null`: the person does it by hand. */
  readonly command: string | null
  readonly what: string
}

type Tool = 'wrangler' | AwsTool

const PACKAGES: Readonly<Record<Tool, readonly (keyof typeof TOOL_VERSIONS)[]>> = {
  wrangler: ['wrangler'],
  osls: ['osls'],
  cdk: ['aws-cdk', 'aws-cdk-lib', 'constructs'],
  sam: [],
}

const DEPLOY: Readonly<Record<AwsTool, string>> = {
  osls: 'npx lanekeeper build --edge aws && npx osls deploy --region eu-west-1',
  cdk: 'npx cdk bootstrap && npx cdk deploy',
  sam: 'npx lanekeeper build --edge aws && sam deploy --guided',
}

/** Whether Lanekeeper is installed in the project or above it. */
function isInstalled(folder: string): boolean {
  if (existsSync(join(folder, 'node_modules/lanekeeper/package.json'))) return true
  return dirname(folder) !== folder && isInstalled(dirname(folder))
}

function installSteps(root: string, tools: readonly Tool[]): readonly NextStep[] {
  const packages = tools
    .flatMap((tool) => PACKAGES[tool])
    .map((name) => `${name}@${TOOL_VERSIONS[name]}`)
    .join(' ')
  return [
    ...(existsSync(join(root, 'package.json'))
      ? []
      : [{ command: 'npm init -y', what: 'makes package.json' }]),
    ...(isInstalled(root)
      ? []
      : [{ command: `npm install lanekeeper@${readVersion()}`, what: 'what the configuration imports' }]),
    ...(packages === ''
      ? []
      : [
          {
            command: `npm install --save-dev ${packages}`,
            what: `deploys; these versions are known to work${tools.includes('wrangler') ? ' (wrangler needs Node.js 22)' : ''}`,
          },
        ]),
    ...(tools.includes('sam')
      ? [
          {
            command: 'pip install aws-sam-cli',
            what: 'deploys; or as https://docs.aws.amazon.com/serverless-application-model/ says',
          },
        ]
      : []),
  ]
}

/** `check` and `build` see an edge by its file: wrangler.toml or serverless.yml. The files of CDK and SAM are none. */
const isSeen = ({ aws }: Answers): boolean => aws === null || aws.tool === 'osls'

const BUILDS = 'compiles what is deployed, into dist/'

const COMPARES = 'checks the configuration, and compares the files of the deployment with it'

function checkSteps(answers: Answers): readonly NextStep[] {
  const { name, origin, aws } = answers
  if (aws === null || isSeen(answers))
    return [
      { command: 'npx lanekeeper build', what: BUILDS },
      { command: 'npx lanekeeper check', what: COMPARES },
    ]
  const check = 'npx lanekeeper check --edge aws --template'
  return [
    ...(origin === null
      ? []
      : [
          { command: 'npx lanekeeper build --edge cloudflare', what: `${BUILDS}: the Worker` },
          { command: 'npx lanekeeper check --edge cloudflare', what: COMPARES },
        ]),
    { command: 'npx lanekeeper build --edge aws', what: `${BUILDS}: the Lambda authorizer` },
    aws.tool === 'cdk'
      ? { command: `npx cdk synth --quiet && ${check} cdk.out/${name}.template.json`, what: COMPARES }
      : { command: `${check} template.yaml`, what: COMPARES },
  ]
}

/** Of an API on AWS that no file shows, or of everything. */
const devCommand = (answers: Answers): string =>
  `npx lanekeeper dev${!isSeen(answers) && answers.origin === null ? ' --edge aws' : ''}`

function deploySteps({ origin, aws }: Answers): readonly NextStep[] {
  const worker = [
    { command: null, what: 'fill in `routes` in wrangler.toml: the host that goes through the Worker' },
    ...(origin === 'sample'
      ? [{ command: 'npx wrangler deploy --config origin/wrangler.toml', what: 'deploys the sample origin' }]
      : []),
    { command: 'npx wrangler deploy', what: 'builds and deploys the Worker' },
  ]
  return [
    ...(origin === null ? [] : worker),
    ...(aws === null
      ? []
      : [{ command: DEPLOY[aws.tool], what: 'builds and deploys the authorizer and its API' }]),
  ]
}

const enforceStep = ({ reportOnly }: Answers): readonly NextStep[] =>
  reportOnly
    ? [
        {
          command: null,
          what: 'once the log has no `would_deny` that surprises you: take `reportOnly` out of lanekeeper.config.ts, and deploy again',
        },
      ]
    : []

export function nextSteps(answers: Answers, root: string): readonly NextStep[] {
  const { origin, aws } = answers
  const tools: readonly Tool[] = [
    ...(origin === null ? [] : (['wrangler'] as const)),
    ...(aws === null ? [] : [aws.tool]),
  ]
  return [
    ...installSteps(root, tools),
    ...checkSteps(answers),
    {
      command: devCommand(answers),
      what: 'runs it on this machine, with tokens like those of your provider',
    },
    ...deploySteps(answers),
    ...enforceStep(answers),
  ]
}

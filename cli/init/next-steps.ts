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
      : [
          {
            command: `npm install ./lanekeeper-${readVersion()}.tgz`,
            what: 'what the configuration imports: the file that npm pack makes',
          },
        ]),
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

/** The template that CDK or SAM deploys; `null`: `check` and `build` see the edges by their files. */
function templateOf({ name, aws }: Answers): string | null {
  if (aws === null || aws.tool === 'osls') return null
  return aws.tool === 'cdk' ? `cdk.out/${name}.template.json` : 'template.yaml'
}

const BUILDS = 'compiles what is deployed, into dist/'

const COMPARES = 'checks the configuration, and compares the files of the deployment with it'

function checkSteps(answers: Answers): readonly NextStep[] {
  const { origin, aws } = answers
  const template = templateOf(answers)
  if (aws === null || template === null)
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
    {
      command: `${aws.tool === 'cdk' ? 'npx cdk synth --quiet && ' : ''}${check} ${template}`,
      what: COMPARES,
    },
  ]
}

const DEVELOPS = 'runs it on this machine, with tokens like those of your provider'

function devSteps(answers: Answers): readonly NextStep[] {
  const template = templateOf(answers)
  return [
    ...(template === null || answers.origin !== null
      ? [{ command: 'npx lanekeeper dev', what: DEVELOPS }]
      : []),
    ...(template === null
      ? []
      : [{ command: `npx lanekeeper dev --edge aws --template ${template}`, what: DEVELOPS }]),
  ]
}

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
    ...devSteps(answers),
    ...deploySteps(answers),
    ...enforceStep(answers),
  ]
}

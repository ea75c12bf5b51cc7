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
            what: 'deploys; these versions are known to work',
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

/** Without a file of its own, `check` and `build` do not see an edge. */
function checkSteps({ origin, aws }: Answers): readonly NextStep[] {
  const edges = [...(origin === null ? [] : ['cloudflare']), ...(aws === null ? [] : ['aws'])]
  const isSeen = aws === null || aws.tool === 'osls'
  return isSeen
    ? [
        { command: 'npx lanekeeper build', what: 'compiles what is deployed, into dist/' },
        {
          command: 'npx lanekeeper check',
          what: 'checks the configuration and compares the files of the deployment',
        },
      ]
    : edges.flatMap((edge) => [
        { command: `npx lanekeeper build --edge ${edge}`, what: 'compiles what is deployed, into dist/' },
        { command: `npx lanekeeper check --edge ${edge}`, what: 'checks the configuration' },
      ])
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
    {
      command: 'npx lanekeeper dev',
      what: 'runs it on this machine, with tokens like those of your provider',
    },
    ...deploySteps(answers),
    ...enforceStep(answers),
  ]
}

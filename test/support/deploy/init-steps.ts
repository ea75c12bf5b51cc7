// The projects of `lanekeeper init` for CDK and SAM, one for each kind of API, for `npm run test:deploy`: what init writes
// is built, and then goes through the tools, which the caller has. What no person has changed gives no warning.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectName } from '../../../cli/init/project-name.ts'
import { mustRunIn } from '../hand-made-project.ts'
import { deploymentsOf, providerArguments } from '../init-projects.ts'

/** What the run has, by the names of deploy/workspace.ts. */
export interface DeployTools {
  /** An empty folder for the projects. */
  readonly work: string
  /** Makes `lanekeeper`, `aws-cdk-lib` and `constructs` resolve in a folder, and `npx lanekeeper` run there. */
  readonly link: (folder: string) => void
  /** `cdk synth` into cdk.out. */
  readonly synth: (folder: string) => unknown
  /** cfn-lint. Throws if it finds an error. */
  readonly mustLint: (folder: string, file: string) => void
  /** SAM's transform of a template: CloudFormation as JSON. Throws with its reason. */
  readonly transform: (folder: string, template: string) => string
}

/** With a parameter and a public rule, where the API has paths. */
const ROUTES = ['--route', 'GET,POST /orders/{id} orders:read', '--route', 'GET /health public']

/** Makes the project in a folder of its own, and builds it. Returns the folder. */
function makeProject(args: readonly string[], tools: DeployTools): string {
  const folder = join(tools.work, `init-${args.filter((each) => /^\w+$/.test(each)).join('-')}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  tools.link(folder)
  const routes = args.includes('websocket') ? [] : ROUTES
  mustRunIn(folder, 'npx', ['lanekeeper', 'init', ...providerArguments('keycloak'), ...args, ...routes])
  mustRunIn(folder, 'npx', ['lanekeeper', 'build', '--edge', 'aws'])
  return folder
}

function mustCheck(folder: string, template: string): void {
  const output = mustRunIn(folder, 'npx', ['lanekeeper', 'check', '--edge', 'aws', '--template', template])
  if (/^(?:warning|problem):/m.test(output)) throw new Error(output)
}

function checkCdk(args: readonly string[], tools: DeployTools): void {
  const folder = makeProject(args, tools)
  tools.synth(folder)
  const template = `cdk.out/${projectName(folder)}.template.json`
  tools.mustLint(folder, template)
  mustCheck(folder, template)
}

function checkSam(args: readonly string[], tools: DeployTools): void {
  const folder = makeProject(args, tools)
  tools.mustLint(folder, 'template.yaml')
  writeFileSync(join(folder, 'sam.json'), tools.transform(folder, 'template.yaml'))
  tools.mustLint(folder, 'sam.json')
  mustCheck(folder, 'template.yaml')
}

const CHECKS = { cdk: checkCdk, sam: checkSam } as const

/** Steps of `npm run test:deploy`. */
export const createInitSteps = (
  tools: DeployTools,
): readonly (readonly [tool: string, what: string, check: () => string])[] =>
  (['cdk', 'sam'] as const).map((tool) => [
    'lanekeeper init',
    `--tool ${tool}: each kind of API passes its tools, cfn-lint and check --template`,
    () => {
      const alone = deploymentsOf(tool).filter((args) => !args.includes('both'))
      for (const args of alone) CHECKS[tool](args, tools)
      return `${alone.length} projects, without a warning`
    },
  ])

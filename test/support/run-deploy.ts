// `npm run test:deploy`: the project of docs/deploying.md, the constructs of `lanekeeper/cdk` and the examples go through
// tools that npm alone does not have here. It installs aws-cdk and the schemas of Terraform's providers from the npm
// registry, and cfn-lint, SAM's translator and a reader of HCL from PyPI, into a temporary folder. Nothing is uploaded and
// no account is needed. Exit code 0 if every check passes, else 1. Terraform itself is in neither registry: its files are
// compared with the schemas, and not run.

import { rmSync } from 'node:fs'
import { layOut, paint } from '../../cli/table.ts'
import { linkPackages } from './deploy/example-project.ts'
import { CDK_APP_STEPS } from './deploy/cdk-app-steps.ts'
import { CDK_STEPS } from './deploy/cdk-steps.ts'
import { createInitSteps } from './deploy/init-steps.ts'
import { PAGE_STEPS } from './deploy/page-steps.ts'
import { translateFile } from './deploy/sam-translator.ts'
import { SAM_STEPS } from './deploy/sam-steps.ts'
import { TERRAFORM_STEPS } from './deploy/terraform-steps.ts'
import { installTools, lint, mustLint, synth, WORK, type Step } from './deploy/workspace.ts'
import { operateSteps } from './run-deploy-operate.ts'

if (process.argv.length > 2) {
  console.error('npm run test:deploy takes no options.')
  process.exit(2)
}

/** The first two make what the others use. */
const STEPS: readonly Step[] = [
  installTools,
  ...PAGE_STEPS,
  ...CDK_STEPS,
  ...CDK_APP_STEPS,
  ...SAM_STEPS,
  ...TERRAFORM_STEPS,
  ...createInitSteps({
    work: WORK,
    link: linkPackages,
    synth,
    mustLint,
    transform: translateFile,
  }),
  ...operateSteps((file) => lint(WORK, file)),
]

const rows: string[][] = []
let failed = 0
for (const [tool, what, check] of STEPS) {
  const started = performance.now()
  process.stdout.write(`${tool}: ${what} ... `)
  const [mark, note] = await Promise.resolve()
    .then(check)
    .then(
      (text) => ['ok', text] as const,
      (error: unknown) => ['failed', error instanceof Error ? error.message : String(error)] as const,
    )
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  if (mark === 'failed') failed++
  process.stdout.write(`${paint(mark === 'ok' ? 'green' : 'red', mark)} (${seconds} s)\n`)
  if (mark === 'failed') console.log(`${note}\n`)
  rows.push([tool, what, mark, mark === 'ok' ? note : 'see above'])
}
rmSync(WORK, { recursive: true, force: true })
console.log(`\n${layOut(['tool', 'what', 'result', 'note'], rows)}\n`)
console.log(failed === 0 ? `All ${STEPS.length} passed.` : `${failed} of ${STEPS.length} failed.`)
process.exit(failed === 0 ? 0 : 1)

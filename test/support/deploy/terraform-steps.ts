// The Terraform of docs/deploying.md and examples/terraform: its syntax, arguments and attributes. Terraform itself is in
// no registry of the tests, so it is not run.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../cli/build.ts'
import { DEPLOYING } from '../hand-made-project.ts'
import { buildExample } from './example-project.ts'
import { compareWithProviders, type TerraformFile } from './terraform-schemas.ts'
import { expect, readJson, runPython, TOOLS, WORK, type Step } from './workspace.ts'

const TO_JSON = `import hcl2, json; print(json.dumps(hcl2.load(open('read.tf'))))`

function compare(text: string) {
  writeFileSync(join(WORK, 'read.tf'), text)
  const { status, output } = runPython(WORK, TO_JSON)
  expect(status === 0, output)
  const archives = readdirSync(TOOLS)
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => join(TOOLS, name))
  return compareWithProviders(JSON.parse(output) as TerraformFile, archives)
}

/** A file without problems, of which each change has exactly one. Returns how many arguments were compared. */
function compareWithBroken(file: string, changes: readonly (readonly [from: string | RegExp, to: string])[]) {
  const { problems, compared } = compare(file)
  expect(problems.length === 0, problems.join('\n'))
  for (const [from, to] of changes) {
    const changed = file.replace(from, to)
    expect(changed !== file && compare(changed).problems.length === 1, `accepts ${to || `no ${from}`}, too`)
  }
  return `${compared} arguments; ${changes.length} broken ones are refused; terraform itself was not run`
}

/** The members of a JSON document that an expression takes. */
function findUntaken(text: string, description: any): readonly string[] {
  const authorizer = description.authorizers[''].http
  return [
    ...[...text.matchAll(/local\.description\.(\w+)/g)].filter(([, name]) => !(name! in description)),
    ...[...text.matchAll(/local\.authorizer\.(\w+)/g)].filter(([, name]) => !(name! in authorizer)),
  ].map(([expression]) => expression)
}

export const TERRAFORM_STEPS: readonly Step[] = [
  [
    'Terraform',
    'authorizer.tf: syntax, arguments, attributes',
    () =>
      compareWithBroken(DEPLOYING['authorizer.tf']!, [
        ['identity_sources ', 'identity_source '],
        [/^ *api_id.*$/m, ''],
        ['.invoke_arn', '.invocation_arn'],
      ]),
  ],
  [
    'Terraform',
    'examples/terraform: syntax, arguments, attributes, and what it takes from dist/lambda.json',
    () => {
      const text = readFileSync(join(ROOT, 'examples/terraform/main.tf'), 'utf8')
      const description = readJson(join(buildExample('terraform'), 'dist/lambda.json'))
      const untaken = findUntaken(text, description)
      expect(untaken.length === 0, `not in dist/lambda.json: ${untaken.join(', ')}`)
      const wrong = findUntaken(text.replace('identitySources', 'identitySource'), description)
      expect(wrong.length === 1, 'accepts local.authorizer.identitySource, too')
      return compareWithBroken(text, [
        ['auto_deploy ', 'auto_deployment '],
        [/^ *protocol_type.*$/m, ''],
        ['.execution_arn', '.execute_arn'],
        ['aws_cloudwatch_log_group.api.arn', 'aws_cloudwatch_log_group.api.log_arn'],
      ])
    },
  ],
]

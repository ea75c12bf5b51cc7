// SAM's own translator: from a template of SAM to the CloudFormation that AWS deploys.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ran } from '../hand-made-project.ts'
import { runPython } from './workspace.ts'

/** `sam deploy` uploads each `CodeUri` first, and puts its address there. */
const TRANSLATE = `
import json
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

class Policies:
    def load(self):
        return {'AWSLambdaBasicExecutionRole': 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'}

template = yaml_parse(open('sam.yaml').read())
for resource in template['Resources'].values():
    if 'CodeUri' in resource.get('Properties', {}):
        resource['Properties']['CodeUri'] = 's3://bucket/' + resource['Properties']['CodeUri']
print(json.dumps(transform(template, {}, Policies())))
`

/** What the translator prints about a template: CloudFormation as JSON, or what is wrong. Writes `sam.yaml`. */
export function translate(folder: string, template: string): Ran {
  writeFileSync(join(folder, 'sam.yaml'), template)
  const { status, output } = runPython(folder, TRANSLATE, { AWS_DEFAULT_REGION: 'us-east-1' })
  // It warns of feature toggles on standard error, which comes after the one line of JSON.
  return { status, output: status === 0 ? output.split('\n')[0]! : output }
}

/** The same for a file. Throws with what is wrong. */
export function translateFile(folder: string, file: string): string {
  const { status, output } = translate(folder, readFileSync(join(folder, file), 'utf8'))
  if (status !== 0) throw new Error(output)
  return output
}

// `--template FILE`: a CloudFormation template that another tool has packaged, in place of what osls makes of
// serverless.yml. Refuses what CloudFormation changes before it deploys it.

import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { isObject } from '../local/api-gateway/json.ts'
import type { Packager } from './compare-stages.ts'
import { Stop } from './stop.ts'

const isOfSam = (resource: unknown): boolean =>
  isObject(resource) && String(resource['Type']).startsWith('AWS::Serverless::')

function checkTemplate(name: string, text: string): void {
  let template: unknown
  try {
    template = JSON.parse(text)
  } catch {
    throw new Stop(`--template ${name}: is no JSON; have the tool write its template as JSON.`, 2)
  }
  const resources = isObject(template) ? template['Resources'] : undefined
  if (!isObject(resources)) throw new Stop(`--template ${name}: has no Resources, so it is no template.`, 2)
  if (Object.values(resources).some(isOfSam))
    throw new Stop(
      `--template ${name}: has resources of SAM, which CloudFormation transforms; take its template after the transform (aws cloudformation get-template --template-stage Processed --query TemplateBody).`,
      2,
    )
}

/**
 * The packager of a template of one stage.
 *
 * @throws {Stop} If the file cannot be read or is no template.
 */
export async function openTemplateFile(name: string, cwd: string): Promise<Packager> {
  const path = resolve(cwd, name)
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Stop(`--template ${name}: cannot be read.`, 2)
  })
  checkTemplate(name, text)
  return {
    file: basename(path),
    isGiven: true,
    buildsCode: false,
    package: async (stages) => new Map(stages.map((stage) => [stage, path])),
  }
}

// `--template FILE`: the CloudFormation of one stage that another tool has written, in place of what osls makes of
// serverless.yml: JSON or YAML, processed or a source of SAM, one stack or several.

import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Packager } from './compare-stages.ts'
import type { DeploymentFinding } from './deployment-finding.ts'
import { Stop } from './stop.ts'
import { openTemplates, type DeployedTemplate } from './template/open.ts'

/** `NAME=VALUE` of `--parameter`. */
function readParameters(given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((each) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(each) ?? []
      if (name === undefined) throw new Stop('--parameter is NAME=VALUE.', 2)
      return [name, value!] as const
    }),
  )
}

const TAKE_DEPLOYED =
  'take the template that is deployed (aws cloudformation get-template --template-stage Processed)'

/** What the check takes for granted or leaves out, because only the deployment knows it. */
function openPoints(
  file: string,
  { assumed, unread, hidden }: DeployedTemplate,
): readonly DeploymentFinding[] {
  return [
    ...(hidden.length === 0
      ? []
      : [
          {
            severity: 'problem' as const,
            subject: file,
            message: `has resources of API Gateway that are not compared (${hidden.join('; ')}); ${TAKE_DEPLOYED}`,
          },
        ]),
    ...(unread.length === 0
      ? []
      : [
          {
            severity: 'warning' as const,
            subject: file,
            message: `is compared without ${unread.join('; ')}; ${TAKE_DEPLOYED}, or look there for yourself`,
          },
        ]),
    ...(assumed.length === 0
      ? []
      : [
          {
            severity: 'note' as const,
            subject: file,
            message: `is read with the default of ${assumed.join(', ')}; --parameter NAME=VALUE gives another value`,
          },
        ]),
  ]
}

/** Whether `file` is JSON as it stands, so that its zips may lie beside it. */
function isJson(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, 'utf8'))
    return true
  } catch {
    return false
  }
}

/**
 * The packager of the templates of one stage. The first one gives its name to the findings.
 *
 * @throws {Stop} If a file cannot be read or is no template.
 */
export function openTemplateFile(
  names: readonly string[],
  cwd: string,
  parameters: readonly string[] = [],
): Packager {
  const [first = ''] = names
  const path = resolve(cwd, first)
  const deployed = openTemplates(names, cwd, readParameters(parameters))
  const file = names.map((name) => basename(name)).join(', ')
  return {
    file,
    isGiven: true,
    buildsCode: false,
    tool: deployed.tool,
    openPoints: openPoints(file, deployed),
    ...(isJson(path) && { packagedAs: path }),
    package: async (stages, directory) => {
      const resolved = join(directory, 'resolved.json')
      await writeFile(resolved, JSON.stringify(deployed.template))
      return new Map(stages.map((stage) => [stage, resolved]))
    },
  }
}

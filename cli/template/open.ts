// Opens the template of one stage, or the templates of its stacks, whatever tool has written them: JSON or YAML,
// processed or a source of SAM. Returns CloudFormation in which everything is resolved that can be before a deployment,
// with a resource for each route and authorizer of an OpenAPI body. Reads no file but the given ones and those that they
// name below their own folder.

import { readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { isObject, type JsonObject } from '../../local/api-gateway/json.ts'
import { Stop } from '../stop.ts'
import { MAX_BYTES, TemplateFileError } from './limits.ts'
import { expandBody } from './open-api.ts'
import { parseTemplate, parseText } from './parse.ts'
import { isOfSam, translateSam } from './sam/translate.ts'
import { joinTemplates, type OpenedTemplate } from './stacks.ts'

/** The tool that has written a template, as far as that can be seen. */
export type TemplateTool = 'cdk' | 'sam' | 'osls' | 'cloudformation'

export interface DeployedTemplate {
  readonly template: JsonObject
  readonly tool: TemplateTool
  /** Parameters whose default is taken for their value. */
  readonly assumed: readonly string[]
  /** What of the deployment is not read. */
  readonly unread: readonly string[]
  /** What is not read, and has resources of API Gateway. */
  readonly hidden: readonly string[]
}

/** A file that a template names, if it is a file in the folder of the template, wherever links lead. */
function readBeside(folder: string, location: string): { path: string; text: string } | null {
  const path = resolve(folder, location)
  try {
    const inside = relative(realpathSync(folder), realpathSync(path))
    if (isAbsolute(inside) || inside.split(sep).includes('..')) return null
    const { size, isFile } = describeFile(path)
    return isFile && size <= MAX_BYTES ? { path, text: readFileSync(path, 'utf8') } : null
  } catch {
    return null
  }
}

function describeFile(path: string): { readonly size: number; readonly isFile: boolean } {
  const stats = statSync(path)
  return { size: stats.size, isFile: stats.isFile() }
}

/** The values of the file that `DefinitionUri` of a SAM API names, in place of the name. */
function withDefinitions(template: JsonObject, openValues: (location: string) => unknown): JsonObject {
  const resources = Object.entries(template['Resources'] as JsonObject).map(([id, resource]) => {
    const properties = isObject(resource) && isOfSam(resource) ? resource['Properties'] : undefined
    if (!isObject(properties) || typeof properties['DefinitionUri'] !== 'string')
      return [id, resource] as const
    const DefinitionBody = openValues(properties['DefinitionUri'])
    if (DefinitionBody === undefined) return [id, resource] as const
    const { DefinitionUri: _, ...others } = properties
    return [id, { ...(resource as JsonObject), Properties: { ...others, DefinitionBody } }] as const
  })
  return { ...template, Resources: Object.fromEntries(resources) }
}

function openText(path: string, text: string): OpenedTemplate {
  const folder = dirname(path)
  const openValues = (location: string): unknown => {
    const file = readBeside(folder, location)
    return file === null ? undefined : parseText(file.text)
  }
  return {
    name: basename(path).replace(/\..*$/, ''),
    template: withDefinitions(parseTemplate(text), openValues),
    openNested: (location) => {
      const file = readBeside(folder, location)
      return file === null ? null : openText(file.path, file.text)
    },
    openValues,
  }
}

function toolOf(template: JsonObject, isSam: boolean): TemplateTool {
  const resources = Object.values(template['Resources'] as JsonObject).filter(isObject)
  if (isSam || JSON.stringify(resources).includes('createdBy","Value":"SAM"')) return 'sam'
  const hasCdk = resources.some(
    ({ Type, Metadata }) =>
      Type === 'AWS::CDK::Metadata' || (isObject(Metadata) && 'aws:cdk:path' in Metadata),
  )
  if (hasCdk || (isObject(template['Parameters']) && 'BootstrapVersion' in template['Parameters']))
    return 'cdk'
  return 'ServerlessDeploymentBucketName' in (isObject(template['Outputs']) ? template['Outputs'] : {})
    ? 'osls'
    : 'cloudformation'
}

/** SAM names a stage in its deployment that is none of the API, as a workaround of its own. */
function withoutStageOfSam([id, resource]: readonly [string, JsonObject]): readonly [string, JsonObject] {
  const { Properties } = resource
  if (
    resource['Type'] !== 'AWS::ApiGateway::Deployment' ||
    !isObject(Properties) ||
    Properties['StageName'] !== 'Stage'
  )
    return [id, resource]
  const { StageName: _, ...others } = Properties
  return [id, { ...resource, Properties: others }]
}

/** @throws {TemplateFileError} If a template cannot be read. */
export function resolveTemplates(
  opened: readonly OpenedTemplate[],
  parameters: ReadonlyMap<string, string>,
): DeployedTemplate {
  const { template, assumed, unread, hidden } = joinTemplates(opened, parameters)
  const resources = template['Resources'] as JsonObject
  const isSam = Object.values(resources).some(isOfSam)
  const translated = isSam
    ? translateSam(resources, template['Globals'] as JsonObject)
    : { resources: Object.entries(resources) as (readonly [string, JsonObject])[], unread: [] }
  return {
    template: {
      Resources: Object.fromEntries(translated.resources.map(withoutStageOfSam).flatMap(expandBody)),
      Parameters: template['Parameters'],
    },
    tool: toolOf(opened[0]!.template, isSam),
    assumed,
    unread: [...unread, ...translated.unread],
    hidden,
  }
}

/**
 * Reads the templates of one stage.
 *
 * @throws {Stop} If a file cannot be read or is no template (exit code 2).
 */
export function openTemplates(
  files: readonly string[],
  cwd: string,
  parameters: ReadonlyMap<string, string>,
): DeployedTemplate {
  const opened = files.map((name) => {
    const path = resolve(cwd, name)
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch {
      throw new Stop(`--template ${name}: cannot be read.`, 2)
    }
    return inStop(name, () => openText(path, text))
  })
  return inStop(files.join(', '), () => resolveTemplates(opened, parameters))
}

function inStop<T>(name: string, compute: () => T): T {
  try {
    return compute()
  } catch (error) {
    if (error instanceof TemplateFileError) throw new Stop(`--template ${name}: ${error.message}.`, 2)
    throw error
  }
}

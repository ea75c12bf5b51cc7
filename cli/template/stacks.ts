// The templates of one deployment, as one template: files that were given together (the stacks of a CDK app), and nested
// stacks whose template is a file. Values that one template exports or returns are put where another one reads them.

import { isScalar, type JsonObject } from '../../local/api-gateway/json.ts'
import { isObject } from '../../local/api-gateway/json.ts'
import { functionOf, section } from './functions.ts'
import { TemplateFileError } from './limits.ts'
import { createScope, type Scope } from './scope.ts'

/** A template, and how a file that it names is read. */
export interface OpenedTemplate {
  /** For the names of resources that two templates have. */
  readonly name: string
  readonly template: JsonObject
  /** A file that the template names, relative to its own. `null`: it is not here. */
  readonly openNested: (location: string) => OpenedTemplate | null
  /** The values in a file that the template includes. `undefined`: it is not here. */
  readonly openValues: (location: string) => unknown
}

export interface JoinedTemplate {
  readonly template: JsonObject
  /** Parameters whose default is taken for their value. */
  readonly assumed: readonly string[]
  /** What of the deployment is not read. */
  readonly unread: readonly string[]
  /** What is not read, and has resources of API Gateway: a route that nobody guards may be one of them. */
  readonly hidden: readonly string[]
}

/** Whether resources of API Gateway are in it, by the names of their types. */
const holdsApi = (value: unknown): boolean =>
  /"AWS::(?:ApiGateway(?:V2)?::|Serverless::(?:Api|HttpApi|Function)")/.test(JSON.stringify(value))

const MAX_STACKS = 100

/** The file of a nested stack: that of SAM or of a package, or the asset that CDK has written beside its stack. */
function locationOf(resource: JsonObject): string | null {
  const { TemplateURL, Location } = isObject(resource['Properties']) ? resource['Properties'] : {}
  const metadata = isObject(resource['Metadata']) ? resource['Metadata'] : {}
  const location = metadata['aws:asset:path'] ?? TemplateURL ?? Location
  return typeof location === 'string' && !/^[a-z][a-z0-9+.-]*:\/\//i.test(location) ? location : null
}

const isStack = ({ Type }: JsonObject): boolean =>
  Type === 'AWS::CloudFormation::Stack' || Type === 'AWS::Serverless::Application'

/** @throws {TemplateFileError} If there are too many templates, or one cannot be read. */
export function joinTemplates(
  given: readonly OpenedTemplate[],
  parameters: ReadonlyMap<string, string>,
): JoinedTemplate {
  const names = new Set<string>()
  const scopes: Scope[] = []
  const unread: string[] = []
  const hidden: string[] = []
  const parametersLeft: JsonObject = {}
  let exported: Map<string, unknown> | null = null

  function imported(name: string): unknown {
    if (exported === null) {
      exported = new Map() // while it is collected, an export that needs another one stays unknown
      const all = scopes.flatMap((scope) => [...scope.outputs().values()])
      exported = new Map(
        all.flatMap(({ value, exportedAs }) => (isScalar(exportedAs) ? [[String(exportedAs), value]] : [])),
      )
    }
    return exported.get(name)
  }

  /** The names of a template in the deployment. Two resources of one name get that of their template before it. */
  function namesIn(opened: OpenedTemplate): (id: string) => string {
    const ids = [
      ...Object.keys(section(opened.template, 'Resources')),
      ...Object.keys(section(opened.template, 'Parameters')),
    ]
    const taken = new Map(ids.map((id) => [id, names.has(id) ? `${opened.name}/${id}` : id]))
    for (const id of taken.values()) names.add(id)
    return (id) => taken.get(id) ?? id
  }

  function open(opened: OpenedTemplate, passed: ReadonlyMap<string, unknown>): Scope {
    if (scopes.length >= MAX_STACKS) throw new TemplateFileError(`has more than ${MAX_STACKS} nested stacks`)
    const rename = namesIn(opened)
    const nested = new Map<string, Scope | null>()
    const resources = section(opened.template, 'Resources')

    function nestedScope(logicalId: string): Scope | null {
      const known = nested.get(logicalId)
      if (known !== undefined) return known
      const resource = Object.hasOwn(resources, logicalId) ? resources[logicalId] : undefined
      nested.set(logicalId, null)
      const location = isObject(resource) && isStack(resource) ? locationOf(resource) : null
      const inner = location === null ? null : opened.openNested(location)
      if (inner === null || !isObject(resource)) return null
      const { Parameters } = isObject(resource['Properties']) ? resource['Properties'] : {}
      const values = Object.entries(isObject(Parameters) ? Parameters : {})
      const inside = open(
        { ...inner, name: logicalId },
        new Map(values.map(([name, value]) => [name, scope.evaluate(value)])),
      )
      nested.set(logicalId, inside)
      return inside
    }

    const scope = createScope({
      template: opened.template,
      parameters: passed,
      rename,
      imported,
      nestedOutput: (logicalId, output) => nestedScope(logicalId)?.outputs().get(output)?.value,
      include: opened.openValues,
    })
    scopes.push(scope)
    for (const [name, parameter] of Object.entries(section(opened.template, 'Parameters')))
      if (isObject(parameter)) parametersLeft[rename(name)] = { Type: parameter['Type'] }
    for (const [logicalId, resource] of Object.entries(resources))
      if (isObject(resource) && isStack(resource) && nestedScope(logicalId) === null)
        unread.push(`the nested stack ${rename(logicalId)}, whose template is no file here`)
    for (const name of transformsOf(opened.template))
      if (name !== 'AWS::Serverless-2016-10-31' && name !== 'AWS::LanguageExtensions')
        unread.push(`what the transform ${name} makes of it`)
    for (const [name, value] of Object.entries(resources)) {
      if (name.startsWith('Fn::ForEach')) (holdsApi(value) ? hidden : unread).push(`the resources of ${name}`)
      if (name === 'Fn::Transform') unread.push('the resources that Fn::Transform includes')
    }
    if (Object.hasOwn(opened.template, 'Fn::Transform')) unread.push('what Fn::Transform includes in it')
    return scope
  }

  const roots = given.map((opened) => open(opened, parameters))
  const resources = scopes.flatMap((scope) => scope.resources())
  const globals = roots.map((root, index) => root.evaluate(section(given[index]!.template, 'Globals')))
  return {
    template: {
      Resources: Object.fromEntries(resources),
      Parameters: parametersLeft,
      Globals: globals.find((each) => isObject(each) && Object.keys(each).length > 0) ?? {},
    },
    assumed: [...new Set(scopes.flatMap(({ assumed }) => [...assumed]))],
    unread,
    hidden,
  }
}

function transformsOf({ Transform }: JsonObject): readonly string[] {
  const all: unknown[] = Array.isArray(Transform) ? Transform : Transform === undefined ? [] : [Transform]
  return all.map((each) => (isObject(each) ? String(each['Name']) : String(each)))
}

/** Whether a value has a function in it that only the deployment can evaluate. */
export function isOpen(value: unknown): boolean {
  if (functionOf(value) !== null) return true
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(isOpen)
}

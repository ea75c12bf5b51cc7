// The resources of a CloudFormation template and the values of its intrinsic functions: Ref, Fn::GetAtt,
// Fn::Join, Fn::Sub, Fn::Select, Fn::Split and the pseudo parameters (CloudFormation user guide, "Intrinsic function
// reference"). Any other function (Fn::If, Fn::ImportValue, ...) is an error, because a guessed value could change a
// decision.

import { createHash } from 'node:crypto'
import { isObject, isScalar, type JsonObject } from './json.ts'

export interface Resource {
  logicalId: string
  type: string
  properties: JsonObject
  condition?: unknown
}

export interface CloudFormation {
  resources: Resource[]
  /** The value after deployment. Throws `UnresolvableError` if only the deployment knows it. */
  resolve(value: unknown): unknown
  /** The value of `Ref` for this resource. */
  physicalId(resource: Resource): string
}

export class UnresolvableError extends Error {
  /** Whether the template is wrong, so that the value is unknown in a deployment, too. */
  readonly isBroken: boolean

  constructor(message: string, isBroken = false) {
    super(message)
    this.isBroken = isBroken
  }
}

export const REGION = 'us-east-1'
export const ACCOUNT_ID = '123456789012'
export const PARTITION = 'aws'

/** More than a template needs. A function whose name refers to the function itself has no end. */
const MAX_REFERENCES = 50

const PSEUDO_PARAMETERS: JsonObject = {
  'AWS::AccountId': ACCOUNT_ID,
  'AWS::NoValue': undefined,
  'AWS::Partition': PARTITION,
  'AWS::Region': REGION,
  'AWS::StackName': 'local',
  'AWS::URLSuffix': 'amazonaws.com',
}

export function readCloudFormation(template: unknown): CloudFormation {
  const resources = readResources(template)
  const byId = new Map(resources.map((resource) => [resource.logicalId, resource]))
  const parameters = isObject(template) && isObject(template['Parameters']) ? template['Parameters'] : {}

  /** How many references the value that is resolved is behind. */
  let depth = 0

  function follow<T>(name: string, compute: () => T): T {
    if (depth >= MAX_REFERENCES) throw new UnresolvableError(`${name} refers to itself`, true)
    depth += 1
    try {
      return compute()
    } finally {
      depth -= 1
    }
  }

  function reference(name: string): unknown {
    if (Object.hasOwn(PSEUDO_PARAMETERS, name)) return PSEUDO_PARAMETERS[name]
    const resource = byId.get(name)
    if (resource) return physicalId(resource)
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    // The default of a parameter of Systems Manager is the name of the value, not the value.
    const isFromStore = isObject(parameter) && String(parameter['Type']).startsWith('AWS::SSM::Parameter::')
    if (isObject(parameter) && Object.hasOwn(parameter, 'Default') && !isFromStore)
      return parameter['Default']
    throw Object.hasOwn(parameters, name)
      ? new UnresolvableError(`Ref "${name}" names nothing with a known value`)
      : new UnresolvableError(
          `Ref "${name}" names no resource of the template; take out what refers to it`,
          true,
        )
  }

  function attribute(logicalId: string, name: string): unknown {
    const resource = byId.get(logicalId)
    switch (`${resource?.type} ${name}`) {
      case 'AWS::Lambda::Function Arn':
        return functionArn(physicalId(resource!))
      case 'AWS::ApiGateway::RestApi RootResourceId':
        return rootResourceId(logicalId)
      case 'AWS::ApiGateway::RestApi RestApiId':
      case 'AWS::ApiGateway::Resource ResourceId':
      case 'AWS::ApiGateway::Authorizer AuthorizerId':
      case 'AWS::ApiGatewayV2::Api ApiId':
      case 'AWS::ApiGatewayV2::Authorizer AuthorizerId':
        return physicalId(resource!)
      default:
        throw new UnresolvableError(`Fn::GetAtt ${logicalId}.${name} is only known after a deployment`)
    }
  }

  const physicalId = (resource: Resource): string => follow(resource.logicalId, () => physicalIdOf(resource))

  function physicalIdOf(resource: Resource): string {
    switch (resource.type) {
      case 'AWS::Lambda::Function':
        return text(resolve(resource.properties['FunctionName'] ?? resource.logicalId))
      case 'AWS::Lambda::Version':
      case 'AWS::Lambda::Alias': {
        const name = text(resolve(resource.properties['FunctionName']))
        return `${name.startsWith('arn:') ? name : functionArn(name)}:1`
      }
      case 'AWS::ApiGateway::RestApi':
      case 'AWS::ApiGatewayV2::Api':
        return shortId(resource.logicalId, 10)
      case 'AWS::ApiGateway::Resource':
        return shortId(resource.logicalId, 6)
      default:
        return resource.logicalId
    }
  }

  function substitute(argument: unknown): string {
    const [pattern, variables] = Array.isArray(argument) ? argument : [argument, {}]
    return text(pattern).replace(/\$\{([^}]*)\}/g, (_, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`
      if (isObject(variables) && Object.hasOwn(variables, name)) return text(resolve(variables[name]))
      const dot = name.indexOf('.')
      return text(dot === -1 ? reference(name) : attribute(name.slice(0, dot), name.slice(dot + 1)))
    })
  }

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== undefined)
    if (!isObject(value)) return value
    const [name, ...others] = Object.keys(value)
    if (name !== undefined && others.length === 0) {
      const argument = value[name]
      if (name === 'Ref') return reference(text(argument))
      if (name === 'Fn::GetAtt') {
        const [logicalId, ...path] = Array.isArray(argument) ? argument.map(text) : text(argument).split('.')
        return attribute(logicalId ?? '', path.join('.'))
      }
      if (name === 'Fn::Sub') return substitute(argument)
      if (name === 'Fn::Join' && Array.isArray(argument) && Array.isArray(argument[1])) {
        return argument[1].map((part) => text(resolve(part))).join(text(argument[0]))
      }
      if (name === 'Fn::Select' && Array.isArray(argument)) {
        const [index, list] = resolve(argument) as unknown[]
        const selected = Array.isArray(list) ? (list as unknown[])[Number(index)] : undefined
        if (selected === undefined)
          throw new UnresolvableError('Fn::Select selects nothing of its list', true)
        return selected
      }
      if (name === 'Fn::Split' && Array.isArray(argument)) {
        const [delimiter, whole] = resolve(argument) as unknown[]
        return text(whole).split(text(delimiter))
      }
      if (name.startsWith('Fn::')) throw new UnresolvableError(`${name} is not resolved here`)
    }
    const entries = Object.entries(value).map(([key, item]) => [key, resolve(item)] as const)
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined))
  }

  return { resources, resolve, physicalId }
}

export function rootResourceId(restApiLogicalId: string): string {
  return shortId(`${restApiLogicalId}/`, 10)
}

function readResources(template: unknown): Resource[] {
  const resources = isObject(template) ? template['Resources'] : undefined
  if (!isObject(resources)) throw new UnresolvableError('the template has no "Resources"')
  return Object.entries(resources).flatMap(([logicalId, resource]) => {
    if (!isObject(resource) || typeof resource['Type'] !== 'string') return []
    const properties = isObject(resource['Properties']) ? resource['Properties'] : {}
    return [{ logicalId, type: resource['Type'], properties, condition: resource['Condition'] }]
  })
}

export function functionArn(name: string): string {
  return `arn:${PARTITION}:lambda:${REGION}:${ACCOUNT_ID}:function:${name}`
}

/** An id of lower-case letters and digits, as API Gateway's, but the same on every start instead of random. */
function shortId(logicalId: string, length: number): string {
  const digest = createHash('sha256').update(logicalId).digest('hex')
  return BigInt(`0x${digest}`).toString(36).slice(0, length)
}

function text(value: unknown): string {
  if (isScalar(value)) return String(value)
  throw new UnresolvableError(
    `expected a string, found ${(JSON.stringify(value) ?? 'nothing').slice(0, 100)}`,
  )
}

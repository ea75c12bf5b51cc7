// The values of intrinsic functions that the local API Gateway and the comparison of templates read.

import { describe, expect, test } from 'vitest'
import { readCloudFormation, UnresolvableError } from '../../../local/api-gateway/cloud-formation.ts'

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:Auth'

const TEMPLATE = {
  Parameters: {
    Plain: { Type: 'String', Default: 'value' },
    Stored: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/name/of/value' },
  },
  Resources: {
    Auth: { Type: 'AWS::Lambda::Function', Properties: {} },
    Self: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: { Ref: 'Self' } } },
    One: { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: { Ref: 'Other' } } },
    Other: { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: { 'Fn::Sub': '${One}' } } },
  },
}

const { resolve } = readCloudFormation(TEMPLATE)
const split = { 'Fn::Split': [':', { 'Fn::GetAtt': ['Auth', 'Arn'] }] }

describe('what has one value', () => {
  test.each<[string, unknown, unknown]>([
    ['the ARN of a function', { 'Fn::GetAtt': ['Auth', 'Arn'] }, ARN],
    ['a part of a text, as CDK takes it', { 'Fn::Select': [3, split] }, 'us-east-1'],
    ['the default of a parameter', { Ref: 'Plain' }, 'value'],
  ])('%s', (_, value, expected) => expect(resolve(value)).toBe(expected))
})

describe('what has none', () => {
  test.each<[string, unknown, string]>([
    ['a part that is not there', { 'Fn::Select': [9, split] }, 'Fn::Select selects nothing of its list'],
    ['a parameter of Systems Manager', { Ref: 'Stored' }, 'Ref "Stored" names nothing with a known value'],
    ['a name of itself', { Ref: 'Self' }, 'Self refers to itself'],
    ['names of each other', { Ref: 'One' }, 'refers to itself'],
  ])('%s', (_, value, message) => {
    expect(() => resolve(value)).toThrow(UnresolvableError)
    expect(() => resolve(value)).toThrow(message)
  })
})

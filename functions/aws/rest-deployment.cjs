// What serverless.yml adds to the Deployment of the REST API, whose logical id osls makes anew for every packaging: it
// comes after the gateway responses, which it would otherwise miss, and its stage writes the access log. osls sets the
// same log once more when it deploys (provider.logs.restApi); without this the packaged CloudFormation had none.
// Adds nothing where no function has an event of a REST API: there is no such Deployment then.
// CloudFormation reference, "AWS::ApiGateway::Deployment StageDescription".

'use strict'

const GATEWAY_RESPONSES = [
  'ResponseUnauthorized',
  'ResponseAccessDenied',
  'ResponseMissingAuthenticationToken',
  'ResponseAuthorizerFailure',
  'ResponseAuthorizerConfigurationError',
]

const hasRestApi = (functions) =>
  Object.values(functions ?? {}).some(({ events }) =>
    (events ?? []).some((event) => event.http !== undefined),
  )

const extensions = async (resolveVariable) => ({
  extensions: {
    [`ApiGatewayDeployment${await resolveVariable('sls:instanceId')}`]: {
      DependsOn: GATEWAY_RESPONSES,
      Properties: {
        StageDescription: {
          AccessLogSetting: {
            DestinationArn: {
              'Fn::Sub':
                'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${ApiGatewayLogGroup}',
            },
            Format: await resolveVariable('self:custom.restAccessLog'),
          },
        },
      },
    },
  },
})

module.exports = async ({ resolveVariable }) =>
  hasRestApi(await resolveVariable('self:functions')) ? await extensions(resolveVariable) : {}

# An HTTP API with its authorizer, for Terraform. `npx lanekeeper build --edge aws && terraform apply` deploys it. What the
# authorizer has to be is in lanekeeper.config.ts alone: dist/lambda.json says it.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
    archive = {
      source  = "hashicorp/archive"
      version = ">= 2.4"
    }
  }
}

locals {
  description = jsondecode(file("dist/lambda.json"))
  # The settings of `aws` itself. Those of an entry of aws.authorizers have its name in place of "".
  authorizer = local.description.authorizers[""].http
}

# The authorizer

data "archive_file" "authorizer" {
  type        = "zip"
  source_dir  = "dist/lambda"
  output_path = "dist/lambda.zip"
}

resource "aws_cloudwatch_log_group" "authorizer" {
  name              = "/aws/lambda/orders-authorizer"
  retention_in_days = 30
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "authorizer" {
  name               = "orders-authorizer"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

# Writes its own log. A configuration with secrets or tables needs more: dist/lambda.json names them.
data "aws_iam_policy_document" "authorizer" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.authorizer.arn}:*"]
  }
}

resource "aws_iam_role_policy" "authorizer" {
  name   = "log"
  role   = aws_iam_role.authorizer.id
  policy = data.aws_iam_policy_document.authorizer.json
}

# LANEKEEPER_STAGE and LANEKEEPER_AUTHORIZER go into its environment where the configuration has stages and
# aws.authorizers.
resource "aws_lambda_function" "authorizer" {
  function_name    = "orders-authorizer"
  description      = "Lanekeeper, plan ${local.description.plan}"
  role             = aws_iam_role.authorizer.arn
  runtime          = "nodejs24.x"
  handler          = "authorizer.handler"
  filename         = data.archive_file.authorizer.output_path
  source_code_hash = data.archive_file.authorizer.output_base64sha256
  memory_size      = 256
  timeout          = 8
  depends_on       = [aws_iam_role_policy.authorizer, aws_cloudwatch_log_group.authorizer]

  lifecycle {
    precondition {
      condition     = local.description.version == 1
      error_message = "dist/lambda.json has a format that this file was not written for."
    }
  }
}

resource "aws_lambda_permission" "authorizer" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.authorizer.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.orders.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.lanekeeper.id}"
}

resource "aws_apigatewayv2_authorizer" "lanekeeper" {
  api_id                            = aws_apigatewayv2_api.orders.id
  name                              = "lanekeeper"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = aws_lambda_function.authorizer.invoke_arn
  authorizer_payload_format_version = local.authorizer.payloadFormatVersion
  enable_simple_responses           = local.authorizer.enableSimpleResponses
  identity_sources                  = local.authorizer.identitySources
  authorizer_result_ttl_in_seconds  = local.authorizer.resultTtlSeconds
}

# The API

resource "aws_apigatewayv2_api" "orders" {
  name          = "orders"
  protocol_type = "HTTP"
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/apigateway/orders"
  retention_in_days = 30
}

resource "aws_apigatewayv2_stage" "orders" {
  api_id      = aws_apigatewayv2_api.orders.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format = jsonencode({
      api             = "http"
      requestId       = "$context.requestId"
      time            = "$context.requestTimeEpoch"
      method          = "$context.httpMethod"
      resource        = "$context.routeKey"
      status          = "$context.status"
      refusal         = "$context.error.responseType"
      code            = "$context.authorizer.code"
      decidedAt       = "$context.authorizer.decided_at"
      authorizerError = "$context.authorizer.error"
    })
  }
}

resource "aws_apigatewayv2_integration" "orders" {
  api_id                 = aws_apigatewayv2_api.orders.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.orders.invoke_arn
  payload_format_version = "2.0"
}

# A public route has no authorizer: API Gateway refuses a request without a token before it asks one.
resource "aws_apigatewayv2_route" "health" {
  api_id    = aws_apigatewayv2_api.orders.id
  route_key = "GET /health"
  target    = "integrations/${aws_apigatewayv2_integration.orders.id}"
}

resource "aws_apigatewayv2_route" "list" {
  api_id             = aws_apigatewayv2_api.orders.id
  route_key          = "GET /orders"
  target             = "integrations/${aws_apigatewayv2_integration.orders.id}"
  authorization_type = "CUSTOM"
  authorizer_id      = aws_apigatewayv2_authorizer.lanekeeper.id
}

resource "aws_apigatewayv2_route" "create" {
  api_id             = aws_apigatewayv2_api.orders.id
  route_key          = "POST /orders"
  target             = "integrations/${aws_apigatewayv2_integration.orders.id}"
  authorization_type = "CUSTOM"
  authorizer_id      = aws_apigatewayv2_authorizer.lanekeeper.id
}

# The function behind it. Replace it with yours.

data "archive_file" "orders" {
  type        = "zip"
  source_dir  = "orders"
  output_path = "dist/orders.zip"
}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/aws/lambda/orders"
  retention_in_days = 30
}

resource "aws_iam_role" "orders" {
  name               = "orders"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

data "aws_iam_policy_document" "orders" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.orders.arn}:*"]
  }
}

resource "aws_iam_role_policy" "orders" {
  name   = "log"
  role   = aws_iam_role.orders.id
  policy = data.aws_iam_policy_document.orders.json
}

resource "aws_lambda_function" "orders" {
  function_name    = "orders"
  role             = aws_iam_role.orders.arn
  runtime          = "nodejs24.x"
  handler          = "index.handler"
  filename         = data.archive_file.orders.output_path
  source_code_hash = data.archive_file.orders.output_base64sha256
  depends_on       = [aws_iam_role_policy.orders, aws_cloudwatch_log_group.orders]
}

resource "aws_lambda_permission" "orders" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.orders.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.orders.execution_arn}/*/*"
}

output "url" {
  value = aws_apigatewayv2_api.orders.api_endpoint
}

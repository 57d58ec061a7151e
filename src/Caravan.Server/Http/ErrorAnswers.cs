using Caravan.Inference;
using Caravan.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Caravan.Server;

/// <summary>Turns whatever goes wrong into an error object: OpenAI's, or Ollama's below <c>/api</c>.</summary>
internal sealed partial class ErrorAnswers(ServerMetrics metrics, ILogger<ErrorAnswers> logger)
{
    /// <summary>Runs a request and answers when it fails.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context).ConfigureAwait(false);
            if (!context.Response.HasStarted && context.Response is { StatusCode: 404 or 405, ContentType: null }) throw Unknown(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Whoever asked has gone; 499 is what proxies write into their logs for it.
            context.Features.Get<Operation>()?.Failed("cancelled");
            if (!context.Response.HasStarted) context.Response.StatusCode = 499;
        }
        catch (Exception exception)
        {
            ApiException error = Explain(exception);
            string why = error.Code ?? error.Type;
            if (context.Features.Get<Operation>() is { } operation) operation.Failed(why);
            else metrics.Refuse(why);
            if (context.Response.HasStarted) throw;
            await WriteAsync(context, error).ConfigureAwait(false);
        }
        finally
        {
            context.Features.Get<Operation>()?.Dispose();
        }
    }

    /// <summary>What to tell about an exception. What nobody foresaw is logged, and told without details.</summary>
    public ApiException Explain(Exception exception)
    {
        switch (exception)
        {
            case ApiException error:
                return error;
            case EngineBusyException { IsEnding: true }:
                return ApiException.Unavailable(exception.Message, "server_shutting_down");
            case EngineBusyException:
                return ApiException.TooMany(exception.Message, 1);
            case PromptTooLongException:
                return ApiException.Invalid(exception.Message, null, "context_length_exceeded");
            case ChatTemplateException:
                return ApiException.Invalid(exception.Message, "messages");
            case CaravanException:
                return ApiException.Invalid(exception.Message, null, null);
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new ApiException(StatusCodes.Status413PayloadTooLarge, ApiException.InvalidRequest, "The body of the request is larger than this server takes.", null, "request_too_large");
            case BadHttpRequestException bad:
                return new ApiException(bad.StatusCode, ApiException.InvalidRequest, bad.Message);
            default:
                LogDefect(exception);
                return new ApiException(StatusCodes.Status500InternalServerError, "server_error", "The server failed to answer; its log says more.", null, "internal_error");
        }
    }

    /// <summary>The body of an error.</summary>
    public static byte[] BodyOf(ApiException error, bool isOllama) => isOllama
        ? Answers.BytesOf(new OllamaError(error.Message), ServerJson.Default.OllamaError)
        : Answers.BytesOf(new ErrorAnswer(new ErrorObject(error.Message, error.Type, error.Param, error.Code)), ServerJson.Default.ErrorAnswer);

    /// <summary>Writes an error as the whole answer.</summary>
    public static async Task WriteAsync(HttpContext context, ApiException error)
    {
        context.Response.StatusCode = error.Status;
        context.Response.ContentType = "application/json";
        if (error.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString();
        if (error.Status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer";
        await context.Response.Body.WriteAsync(BodyOf(error, context.Request.Path.StartsWithSegments("/api"))).ConfigureAwait(false);
    }

    private static ApiException Unknown(HttpContext context) => context.Response.StatusCode == StatusCodes.Status404NotFound
        ? new ApiException(404, ApiException.InvalidRequest, $"Unknown request URL: {context.Request.Method} {context.Request.Path}. GET /openapi.json lists what there is.", null, "unknown_url")
        : new ApiException(405, ApiException.InvalidRequest, $"Not allowed: {context.Request.Method} on {context.Request.Path}.", null, "method_not_allowed");

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed for a reason that nobody foresaw.")]
    private partial void LogDefect(Exception exception);
}

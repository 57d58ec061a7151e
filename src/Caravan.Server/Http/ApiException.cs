using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary>A request that is refused, in the terms of OpenAI's error object.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="type">The kind of mistake, such as <c>invalid_request_error</c>.</param>
/// <param name="message">One sentence for people.</param>
/// <param name="param">The field that is wrong, by its path; null where it is none.</param>
/// <param name="code">The mistake for programs; null where OpenAI has none.</param>
internal sealed class ApiException(int status, string type, string message, string? param = null, string? code = null) : Exception(message)
{
    /// <summary>The type of everything that the caller did wrong.</summary>
    public const string InvalidRequest = "invalid_request_error";

    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The kind of mistake.</summary>
    public string Type { get; } = type;

    /// <summary>The field that is wrong, or null.</summary>
    public string? Param { get; } = param;

    /// <summary>The mistake for programs, or null.</summary>
    public string? Code { get; } = code;

    /// <summary>Seconds after which the same request may succeed; null where time changes nothing.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>A field has a value that it cannot have.</summary>
    public static ApiException Invalid(string message, string? param, string? code = "invalid_value") =>
        new(StatusCodes.Status400BadRequest, InvalidRequest, message, param, code);

    /// <summary>There is no such model.</summary>
    public static ApiException UnknownModel(string id) =>
        new(StatusCodes.Status404NotFound, InvalidRequest, $"There is no model '{id}' here; GET /v1/models lists those there are.", "model", "model_not_found");

    /// <summary>The model is there, and cannot do this.</summary>
    public static ApiException Unsupported(string message, string? param = null) =>
        new(StatusCodes.Status400BadRequest, InvalidRequest, message, param, "unsupported_operation");

    /// <summary>Too many requests at a time, or in a while.</summary>
    public static ApiException TooMany(string message, int retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, "rate_limit_error", message, null, "rate_limit_exceeded") { RetryAfter = retryAfter };

    /// <summary>The server cannot do it now.</summary>
    public static ApiException Unavailable(string message, string code) =>
        new(StatusCodes.Status503ServiceUnavailable, "server_error", message, null, code) { RetryAfter = 5 };

    /// <summary>It took longer than it may.</summary>
    public static ApiException TimedOut() =>
        new(StatusCodes.Status408RequestTimeout, "timeout_error", "The time for this request was over before its answer was complete.", null, "request_timeout");
}

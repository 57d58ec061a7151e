using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Caravan.Server;

/// <summary>Every address of the API, one line each.</summary>
internal static class Routes
{
    /// <summary>Connects addresses with what answers.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/models", ModelEndpoints.ListAsync);
        routes.MapGet("/v1/models/{**id}", ModelEndpoints.ShowAsync);
        routes.MapGet("/v1/status", ModelEndpoints.StatusAsync);
        routes.MapPost("/v1/chat/completions", ChatCompletions.AnswerAsync);
        routes.MapGet("/health", HealthChecks.HealthAsync);
        routes.MapGet("/ready", HealthChecks.ReadyAsync);
        routes.MapGet("/metrics", HealthChecks.MetricsAsync);
        routes.MapGet("/openapi.json", ApiDocument.ShowAsync);
    }
}

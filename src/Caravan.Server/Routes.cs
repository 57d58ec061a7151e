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
        routes.MapPost("/v1/completions", Completions.AnswerAsync);
        routes.MapPost("/v1/embeddings", Embeddings.AnswerAsync);
        routes.MapPost("/v1/rerank", Rerank.AnswerAsync);
        routes.MapPost("/v1/tokenize", Tokens.TokenizeAsync);
        routes.MapPost("/v1/detokenize", Tokens.DetokenizeAsync);
        routes.MapPost("/api/chat", OllamaChat.AnswerAsync);
        routes.MapPost("/api/generate", OllamaGenerate.AnswerAsync);
        routes.MapPost("/api/embed", OllamaEmbed.AnswerAsync);
        routes.MapPost("/api/embeddings", OllamaEmbed.AnswerOneAsync);
        routes.MapGet("/api/tags", OllamaModels.ListAsync);
        routes.MapPost("/api/show", OllamaModels.ShowAsync);
        routes.MapGet("/api/ps", OllamaModels.ListRunningAsync);
        routes.MapGet("/api/version", OllamaModels.VersionAsync);
        routes.MapGet("/health", HealthChecks.HealthAsync);
        routes.MapGet("/ready", HealthChecks.ReadyAsync);
        routes.MapGet("/metrics", HealthChecks.MetricsAsync);
        routes.MapGet("/openapi.json", ApiDocument.ShowAsync);
    }
}

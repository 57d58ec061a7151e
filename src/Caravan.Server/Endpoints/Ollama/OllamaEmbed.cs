using System.Diagnostics;
using Caravan.Inference;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary><c>POST /api/embed</c>, <c>POST /api/embeddings</c></summary>
internal static class OllamaEmbed
{
    /// <summary>The vectors of texts, of length 1.</summary>
    public static async Task AnswerAsync(HttpContext context)
    {
        long start = Stopwatch.GetTimestamp();
        using ApiCall call = await ApiCall.BeginAsync(context, "embeddings").ConfigureAwait(false);
        int? dimensions = call.Body.Whole("dimensions", 1);
        if (!call.Body.Has("input")) throw call.Body.Missing("input");
        int[][] texts = [.. call.Body.Texts("input").Select(text => call.Model.Tokenizer.Encode(text))];
        float[][] vectors = await Embeddings.EmbedAsync(call, texts, Embeddings.ReadPooling(call)).ConfigureAwait(false);
        int tokens = texts.Sum(text => text.Length);
        call.Operation.Answered(Usage.OfReading(tokens));
        await context.WriteJsonAsync(
            new OllamaEmbeddings(
                call.Model.Id, [.. vectors.Select(vector => UnitLength.Of(vector, Math.Min(vector.Length, dimensions ?? vector.Length)))],
                OllamaRequest.Nanoseconds(Stopwatch.GetElapsedTime(start)), OllamaRequest.Nanoseconds(call.LoadTime), tokens),
            ServerJson.Default.OllamaEmbeddings).ConfigureAwait(false);
    }

    /// <summary>The vector of one text, as it comes out of the model; older clients ask so.</summary>
    public static async Task AnswerOneAsync(HttpContext context)
    {
        using ApiCall call = await ApiCall.BeginAsync(context, "embeddings").ConfigureAwait(false);
        int[] text = call.Model.Tokenizer.Encode(call.Body.RequiredText("prompt"));
        float[][] vectors = await Embeddings.EmbedAsync(call, [text], Embeddings.ReadPooling(call)).ConfigureAwait(false);
        call.Operation.Answered(Usage.OfReading(text.Length));
        await context.WriteJsonAsync(new OllamaEmbedding(vectors[0]), ServerJson.Default.OllamaEmbedding).ConfigureAwait(false);
    }
}

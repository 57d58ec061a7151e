using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Caravan.Inference;
using Caravan.Text;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary><c>POST /api/generate</c></summary>
internal static class OllamaGenerate
{
    /// <summary>Answers a prompt as a question; continues it where it is raw; fills a gap where there is a suffix.</summary>
    public static async Task AnswerAsync(HttpContext context)
    {
        using ApiCall call = await ApiCall.BeginAsync(context, "text_completion").ConfigureAwait(false);
        string prompt = call.Body.Text("prompt") ?? "";
        string? suffix = call.Body.Text("suffix") is { Length: > 0 } given ? given : null;
        if (prompt.Length == 0 && suffix is null)
        {
            await OllamaModels.AnswerLoadAsync(call, new OllamaAnswer(call.ModelId, DateTime.UtcNow, true) { Response = "" }).ConfigureAwait(false);
            return;
        }

        if (suffix is not null || (call.Body.Switch("raw") ?? false))
        {
            await ContinueAsync(call, prompt, suffix).ConfigureAwait(false);
            return;
        }

        JsonArray messages = [];
        if (call.Body.Text("system") is { Length: > 0 } system) messages.Add(new JsonObject { ["role"] = "system", ["content"] = system });
        messages.Add(new JsonObject { ["role"] = "user", ["content"] = OllamaChat.Content(prompt, call.Body) });
        ChatOrder order = new() { Request = new ChatRequest { Messages = messages, Text = OllamaRequest.Read(call) } };
        await OllamaChat.AnswerAsync(call, order, (text, _) => Piece(call, text)).ConfigureAwait(false);
    }

    private static OllamaAnswer Piece(ApiCall call, string text) => new(call.ModelId, DateTime.UtcNow, false) { Response = text };

    private static async Task ContinueAsync(ApiCall call, string prompt, string? suffix)
    {
        long start = Stopwatch.GetTimestamp();
        TextRequest request = OllamaRequest.Read(call);
        request = suffix is null ? request with { Prompt = prompt }
            : call.Model.FillInTheMiddle is { } filling ? request with { Encoded = new EncodedPrompt(filling.Encode(prompt, suffix)), StopTokens = filling.EndTokens }
            : throw ApiException.Unsupported($"The model '{call.Model.Id}' was not taught to fill gaps: its vocabulary has no tokens for it. Leave 'suffix' out.", "suffix");
        using AnswerSet<TextStream, TextDelta> answers = new(1, 1, (_, _) => call.Model.Loop.Stream(request), stream => stream.Tokens);
        OllamaAnswer End(string text)
        {
            call.Operation.Answered(answers.Usage, answers.ReasonOf(0));
            return OllamaRequest.End(call, answers[0].Tokens, answers.ReasonOf(0), Stopwatch.GetElapsedTime(start) + call.LoadTime) with { Response = text };
        }

        if (!(call.Body.Switch("stream") ?? true))
        {
            StringBuilder text = new();
            await foreach (AnswerEvent<TextDelta> next in answers.ReadAsync(call.Aborted).ConfigureAwait(false)) text.Append(next.Piece.Text);
            await call.Context.WriteJsonAsync(End(text.ToString()), ServerJson.Default.OllamaAnswer).ConfigureAwait(false);
            return;
        }

        using EventStream lines = EventStream.OfLines(call.Context);
        await lines.RunAsync(call, () => lines.WriteAllAsync(answers.ReadAsync(call.Aborted), next =>
        {
            if (next.IsEnd) lines.Write(End(""), ServerJson.Default.OllamaAnswer);
            else if (next.Piece.Text.Length > 0) lines.Write(Piece(call, next.Piece.Text), ServerJson.Default.OllamaAnswer);
        })).ConfigureAwait(false);
    }
}

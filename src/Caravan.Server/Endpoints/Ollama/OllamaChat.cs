using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Inference;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary><c>POST /api/chat</c></summary>
internal static class OllamaChat
{
    /// <summary>Answers a conversation.</summary>
    public static async Task AnswerAsync(HttpContext context)
    {
        using ApiCall call = await ApiCall.BeginAsync(context, "chat").ConfigureAwait(false);
        JsonArray messages = ReadMessages(call.Body);
        if (messages.Count == 0)
        {
            await OllamaModels.AnswerLoadAsync(call, new OllamaAnswer(call.ModelId, DateTime.UtcNow, true) { Message = new OllamaMessage("assistant", "") }).ConfigureAwait(false);
            return;
        }

        ChatOrder order = new() { Request = new ChatRequest { Messages = messages, Tools = ChatTools.Read(call.Body), Text = OllamaRequest.Read(call) } };
        await AnswerAsync(call, order, (text, calls) => new OllamaAnswer(call.ModelId, DateTime.UtcNow, false) { Message = new OllamaMessage("assistant", text, ToolCalls: calls) }).ConfigureAwait(false);
    }

    /// <summary>Writes an answer as lines, or as one object where that is asked for.</summary>
    /// <param name="call">The request.</param>
    /// <param name="order">The conversation.</param>
    /// <param name="piece">Makes a line of text and calls.</param>
    public static async Task AnswerAsync(ApiCall call, ChatOrder order, Func<string, IReadOnlyList<OllamaToolCall>?, OllamaAnswer> piece)
    {
        long start = Stopwatch.GetTimestamp();
        bool streams = call.Body.Switch("stream") ?? true;
        using AnswerSet<ChatStream, ChatDelta> answers = order.Start(call);
        OllamaAnswer End(string text, IReadOnlyList<OllamaToolCall>? calls)
        {
            call.Operation.Answered(answers.Usage, ChatCompletions.ReasonOf(answers, 0));
            OllamaAnswer form = piece(text, calls), end = OllamaRequest.End(call, answers[0].Tokens, answers.ReasonOf(0), Stopwatch.GetElapsedTime(start) + call.LoadTime);
            return end with { Message = form.Message, Response = form.Response };
        }

        if (!streams)
        {
            CollectedChat collected = new();
            await foreach (AnswerEvent<ChatDelta> next in answers.ReadAsync(call.Aborted).ConfigureAwait(false))
                if (!next.IsEnd) collected.Add(next.Piece);
            await call.Context.WriteJsonAsync(End(collected.Text, CallsOf(collected.Calls)), ServerJson.Default.OllamaAnswer).ConfigureAwait(false);
            return;
        }

        using EventStream lines = EventStream.OfLines(call.Context);
        await lines.RunAsync(call, () => lines.WriteAllAsync(answers.ReadAsync(call.Aborted), next =>
        {
            if (next.IsEnd) lines.Write(End("", null), ServerJson.Default.OllamaAnswer);
            else if (next.Piece.Text.Length > 0 || next.Piece.Calls.Count > 0) lines.Write(piece(next.Piece.Text, CallsOf(next.Piece.Calls)), ServerJson.Default.OllamaAnswer);
        })).ConfigureAwait(false);
    }

    private static IReadOnlyList<OllamaToolCall>? CallsOf(IReadOnlyList<IdentifiedCall> calls) =>
        calls.Count == 0 ? null : [.. calls.Select(made => new OllamaToolCall(new OllamaToolFunction(made.Call.Name, JsonNode.Parse(made.Call.Arguments))))];

    /// <summary>Ollama's messages in OpenAI's shape: pictures as parts, arguments as text.</summary>
    private static JsonArray ReadMessages(Fields body)
    {
        JsonArray messages = [];
        int calls = 0;
        foreach (Fields message in body.Objects("messages"))
        {
            _ = message.RequiredText("role");
            JsonObject read = new() { ["role"] = message.Word("role", "system", "user", "assistant", "tool"), ["content"] = Content(message.Text("content") ?? "", message) };
            JsonArray made = [];
            foreach (Fields call in message.Objects("tool_calls"))
            {
                Fields function = call.Object("function") ?? throw call.Missing("function");
                string arguments = function.Any("arguments") is { ValueKind: JsonValueKind.Object } given ? given.GetRawText() : "{}";
                made.Add(new JsonObject { ["id"] = $"call{calls++:00000}", ["type"] = "function", ["function"] = new JsonObject { ["name"] = function.RequiredText("name"), ["arguments"] = arguments } });
            }

            if (made.Count > 0) read["tool_calls"] = made;
            if (message.Text("role") == "tool") read["tool_call_id"] = $"call{Math.Max(0, calls - 1):00000}";
            messages.Add(read);
        }

        return messages;
    }

    /// <summary>A text, and before it pictures, which Ollama's clients send in base64 without a data: address.</summary>
    public static JsonNode Content(string text, Fields message)
    {
        IReadOnlyList<string> images = message.Texts("images");
        if (images.Count == 0) return text;
        IEnumerable<JsonNode> parts = images.Select(image => (JsonNode)new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = $"data:;base64,{image}" } });
        return new JsonArray([.. parts, new JsonObject { ["type"] = "text", ["text"] = text }]);
    }
}

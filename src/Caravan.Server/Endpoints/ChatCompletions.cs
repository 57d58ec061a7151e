using Caravan.Inference;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary><c>POST /v1/chat/completions</c></summary>
internal static class ChatCompletions
{
    /// <summary>Answers a conversation.</summary>
    public static async Task AnswerAsync(HttpContext context)
    {
        using ApiCall call = await ApiCall.BeginAsync(context, "chat").ConfigureAwait(false);
        ChatOrder order = ChatOrder.Read(call);
        bool streams = call.Body.Switch("stream") ?? false;
        bool tellsUsage = call.Body.Object("stream_options")?.Switch("include_usage") ?? false;
        using AnswerSet<ChatStream, ChatDelta> answers = order.Start(call);
        if (streams) await StreamAsync(call, order, answers, tellsUsage).ConfigureAwait(false);
        else await CollectAsync(call, order, answers).ConfigureAwait(false);
    }

    /// <summary>Why an answer ended, in OpenAI's words.</summary>
    public static string ReasonOf(AnswerSet<ChatStream, ChatDelta> answers, int index) => answers[index].HasCalls ? "tool_calls" : answers.ReasonOf(index);

    private static async Task CollectAsync(ApiCall call, ChatOrder order, AnswerSet<ChatStream, ChatDelta> answers)
    {
        CollectedChat[] collected = [.. Enumerable.Range(0, order.Answers).Select(_ => new CollectedChat())];
        await foreach (AnswerEvent<ChatDelta> next in answers.ReadAsync(call.Aborted).ConfigureAwait(false))
        {
            if (next.IsEnd) continue;
            collected[next.Index].Add(next.Piece);
            if (Probability(call, order, next.Piece) is { } probability) collected[next.Index].Probabilities.Add(probability);
        }

        ChatChoice[] choices = [.. collected.Select((answer, index) => new ChatChoice(
            index, answer.Message, order.LogProbs ? new ChatLogProbabilities(answer.Probabilities) : null, ReasonOf(answers, index)))];
        call.Operation.Answered(answers.Usage, [.. choices.Select(choice => choice.FinishReason)]);
        ChatCompletion answer = new(ApiCall.NewId("chatcmpl"), "chat.completion", call.Created, call.ModelId, choices, answers.Usage, ApiCall.Fingerprint, answers.Timings);
        await call.Context.WriteJsonAsync(answer, ServerJson.Default.ChatCompletion).ConfigureAwait(false);
    }

    private static async Task StreamAsync(ApiCall call, ChatOrder order, AnswerSet<ChatStream, ChatDelta> answers, bool tellsUsage)
    {
        ChatChunk form = new(ApiCall.NewId("chatcmpl"), "chat.completion.chunk", call.Created, call.ModelId, [], ApiCall.Fingerprint);
        using EventStream events = EventStream.OfEvents(call.Context);
        void Write(ChatChunkChoice choice) => events.Write(form with { Choices = [choice] }, ServerJson.Default.ChatChunk);
        for (int index = 0; index < order.Answers; index++) Write(new ChatChunkChoice(index, new ChatPiece("assistant", "")));
        await events.RunAsync(call, async () =>
        {
            await events.WriteAllAsync(answers.ReadAsync(call.Aborted), next =>
            {
                if (next.IsEnd) Write(new ChatChunkChoice(next.Index, new ChatPiece(), null, ReasonOf(answers, next.Index)));
                else if (ChoiceOf(call, order, next) is { } choice) Write(choice);
            }).ConfigureAwait(false);
            call.Operation.Answered(answers.Usage, [.. Enumerable.Range(0, order.Answers).Select(index => ReasonOf(answers, index))]);
            if (tellsUsage) events.Write(form with { Usage = answers.Usage, Timings = answers.Timings }, ServerJson.Default.ChatChunk);
        }).ConfigureAwait(false);
    }

    /// <summary>What to tell about a piece; null for nothing, as while a character is undecided.</summary>
    private static ChatChunkChoice? ChoiceOf(ApiCall call, ChatOrder order, AnswerEvent<ChatDelta> next)
    {
        TokenProbability? probability = Probability(call, order, next.Piece);
        bool calls = next.Piece.Calls.Count > 0;
        if (next.Piece.Text.Length == 0 && !calls && probability is null) return null;
        ChatPiece piece = new(Content: calls && next.Piece.Text.Length == 0 ? null : next.Piece.Text, ToolCalls: calls ? [.. next.Piece.Calls.Select(made => CallOf(made, made.Index))] : null);
        return new ChatChunkChoice(next.Index, piece, probability is null ? null : new ChatLogProbabilities([probability]));
    }

    /// <summary>A call as it is told; whole answers count their calls by their places.</summary>
    public static CallAnswer CallOf(IdentifiedCall made, int? index) => new(index, made.Id, "function", new CalledFunction(made.Call.Name, made.Call.Arguments));

    private static TokenProbability? Probability(ApiCall call, ChatOrder order, in ChatDelta piece) =>
        order.LogProbs && piece.Token is { } token ? TokenProbabilities.Of(call.Model.Tokenizer, token, piece.Alternatives) : null;
}

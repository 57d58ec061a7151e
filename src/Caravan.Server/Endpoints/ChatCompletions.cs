using System.Text;
using Caravan.Inference;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary><c>POST /v1/chat/completions</c></summary>
internal static class ChatCompletions
{
    /// <summary>Goes on with a conversation.</summary>
    public static async Task AnswerAsync(HttpContext context)
    {
        using ApiCall call = await ApiCall.BeginAsync(context, "chat").ConfigureAwait(false);
        ChatOrder order = ChatOrder.Read(call);
        bool streams = call.Body.Switch("stream") ?? false;
        bool tellsUsage = call.Body.Object("stream_options")?.Switch("include_usage") ?? false;
        using AnswerSet<TextStream, TextDelta> answers = new(1, order.Answers, (_, number) => ChatSource.Start(call, order, number), stream => stream.Tokens);
        if (streams) await StreamAsync(call, order, answers, tellsUsage).ConfigureAwait(false);
        else await CollectAsync(call, order, answers).ConfigureAwait(false);
    }

    private static async Task CollectAsync(ApiCall call, ChatOrder order, AnswerSet<TextStream, TextDelta> answers)
    {
        StringBuilder[] texts = [.. Enumerable.Range(0, order.Answers).Select(_ => new StringBuilder())];
        List<TokenProbability>[] probabilities = [.. texts.Select(_ => new List<TokenProbability>())];
        await foreach (AnswerEvent<TextDelta> next in answers.ReadAsync(call.Aborted).ConfigureAwait(false))
        {
            if (next.IsEnd) continue;
            texts[next.Index].Append(next.Piece.Text);
            if (order.LogProbs && next.Piece.Token is { } token) probabilities[next.Index].Add(TokenProbabilities.Of(call.Model.Tokenizer, token, next.Piece.Alternatives));
        }

        ChatChoice[] choices = [.. texts.Select((text, index) => new ChatChoice(
            index, new ChatMessage("assistant", text.ToString()), order.LogProbs ? new ChatLogProbabilities(probabilities[index]) : null, answers.ReasonOf(index)))];
        call.Operation.Answered(answers.Usage, [.. choices.Select(choice => choice.FinishReason)]);
        ChatCompletion answer = new(ApiCall.NewId("chatcmpl"), "chat.completion", call.Created, call.Model.Id, choices, answers.Usage, ApiCall.Fingerprint, answers.Timings);
        await call.Context.WriteJsonAsync(answer, ServerJson.Default.ChatCompletion).ConfigureAwait(false);
    }

    private static async Task StreamAsync(ApiCall call, ChatOrder order, AnswerSet<TextStream, TextDelta> answers, bool tellsUsage)
    {
        ChatChunk form = new(ApiCall.NewId("chatcmpl"), "chat.completion.chunk", call.Created, call.Model.Id, [], ApiCall.Fingerprint);
        using EventStream events = EventStream.OfEvents(call.Context);
        void Write(ChatChunkChoice choice) => events.Write(form with { Choices = [choice] }, ServerJson.Default.ChatChunk);
        for (int index = 0; index < order.Answers; index++) Write(new ChatChunkChoice(index, new ChatPiece("assistant", "")));
        await events.RunAsync(call, async () =>
        {
            await events.WriteAllAsync(answers.ReadAsync(call.Aborted), next =>
            {
                if (next.IsEnd)
                {
                    Write(new ChatChunkChoice(next.Index, new ChatPiece(), null, answers.ReasonOf(next.Index)));
                    return;
                }

                TokenProbability? probability = order.LogProbs && next.Piece.Token is { } token ? TokenProbabilities.Of(call.Model.Tokenizer, token, next.Piece.Alternatives) : null;
                if (next.Piece.Text.Length == 0 && probability is null) return;
                Write(new ChatChunkChoice(next.Index, new ChatPiece(Content: next.Piece.Text), probability is null ? null : new ChatLogProbabilities([probability])));
            }).ConfigureAwait(false);
            call.Operation.Answered(answers.Usage, [.. Enumerable.Range(0, order.Answers).Select(answers.ReasonOf)]);
            if (tellsUsage) events.Write(form with { Usage = answers.Usage, Timings = answers.Timings }, ServerJson.Default.ChatChunk);
        }).ConfigureAwait(false);
    }
}

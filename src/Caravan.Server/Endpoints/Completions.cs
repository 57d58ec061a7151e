using Caravan.Inference;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary><c>POST /v1/completions</c></summary>
internal static class Completions
{
    private const string Kind = "text_completion";

    /// <summary>Continues texts, or fills gaps in them.</summary>
    public static async Task AnswerAsync(HttpContext context)
    {
        using ApiCall call = await ApiCall.BeginAsync(context, "text_completion").ConfigureAwait(false);
        CompletionOrder order = CompletionOrder.Read(call);
        if (order.MaxTokens == 0)
        {
            await EchoAsync(call, order).ConfigureAwait(false);
            return;
        }

        EchoedPrompt[] echoes = await order.EchoAsync(call).ConfigureAwait(false);
        using AnswerSet<TextStream, TextDelta> answers = order.Start(call);
        if (order.Streams) await StreamAsync(call, order, answers, echoes).ConfigureAwait(false);
        else await CollectAsync(call, order, answers, echoes).ConfigureAwait(false);
    }

    /// <summary>Prompts alone, as programs ask for them that score texts.</summary>
    private static async Task EchoAsync(ApiCall call, CompletionOrder order)
    {
        EchoedPrompt[] echoes = await order.EchoAsync(call).ConfigureAwait(false);
        CompletionChoice[] choices = [.. echoes.Select((echo, index) => new CompletionChoice(echo.Text, index, order.Tells ? echo.Begin().Log : null, "length"))];
        Usage usage = Usage.OfReading(order.Prompts.Sum(prompt => prompt.Tokens.Length));
        call.Operation.Answered(usage, "length");
        await call.Context.WriteJsonAsync(FormOf(call) with { Choices = choices, Usage = usage }, ServerJson.Default.Completion).ConfigureAwait(false);
    }

    private static async Task CollectAsync(ApiCall call, CompletionOrder order, AnswerSet<TextStream, TextDelta> answers, EchoedPrompt[] echoes)
    {
        CollectedText[] collected = [.. Enumerable.Range(0, order.Prompts.Count * order.BestOf).Select(index => echoes[index / order.BestOf].Begin())];
        await foreach (AnswerEvent<TextDelta> next in answers.ReadAsync(call.Aborted).ConfigureAwait(false))
            if (!next.IsEnd) collected[next.Index].Add(next.Piece, order.Tells);
        List<CompletionChoice> choices = [];
        for (int prompt = 0; prompt < order.Prompts.Count; prompt++)
        {
            IEnumerable<int> best = Enumerable.Range(prompt * order.BestOf, order.BestOf).OrderByDescending(index => collected[index].MeanLogProbability).Take(order.Answers);
            // Without a choice among them, answers stand in their order.
            foreach (int index in order.BestOf == order.Answers ? best.Order() : best)
                choices.Add(new CompletionChoice(collected[index].Text, choices.Count, order.Tells ? collected[index].Log : null, answers.ReasonOf(index)));
        }

        call.Operation.Answered(answers.Usage, [.. choices.Select(choice => choice.FinishReason!)]);
        await call.Context.WriteJsonAsync(FormOf(call) with { Choices = choices, Usage = answers.Usage, Timings = answers.Timings }, ServerJson.Default.Completion).ConfigureAwait(false);
    }

    private static async Task StreamAsync(ApiCall call, CompletionOrder order, AnswerSet<TextStream, TextDelta> answers, EchoedPrompt[] echoes)
    {
        Completion form = FormOf(call);
        using EventStream events = EventStream.OfEvents(call.Context);
        void Write(CompletionChoice choice) => events.Write(form with { Choices = [choice] }, ServerJson.Default.Completion);
        CollectedText[] written = [.. Enumerable.Range(0, order.Prompts.Count * order.Answers).Select(index => echoes[index / order.Answers].Begin())];
        for (int index = 0; index < written.Length; index++)
            if (written[index].TakePiece(order.Tells) is var (echo, log) && echo.Length > 0) Write(new CompletionChoice(echo, index, log));
        await events.RunAsync(call, async () =>
        {
            await events.WriteAllAsync(answers.ReadAsync(call.Aborted), next =>
            {
                if (next.IsEnd)
                {
                    Write(new CompletionChoice("", next.Index, null, answers.ReasonOf(next.Index)));
                    return;
                }

                written[next.Index].Add(next.Piece, order.Tells);
                (string text, CompletionLogProbabilities? log) = written[next.Index].TakePiece(order.Tells);
                if (text.Length > 0 || log is not null) Write(new CompletionChoice(text, next.Index, log));
            }).ConfigureAwait(false);
            call.Operation.Answered(answers.Usage, [.. Enumerable.Range(0, written.Length).Select(answers.ReasonOf)]);
            if (order.TellsUsage) events.Write(form with { Usage = answers.Usage, Timings = answers.Timings }, ServerJson.Default.Completion);
        }).ConfigureAwait(false);
    }

    private static Completion FormOf(ApiCall call) => new(ApiCall.NewId("cmpl"), Kind, call.Created, call.ModelId, [], ApiCall.Fingerprint);
}

using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>Prompts that a policy answers: samples that are prompts, or conversations without their last answer, which then is the field <c>answer</c>.</summary>
internal static class Prompts
{
    /// <summary>The prompts of the samples of a batch.</summary>
    /// <param name="text">How they become tokens.</param>
    /// <param name="parts">The batch.</param>
    /// <exception cref="CaravanException">A sample is neither.</exception>
    public static IReadOnlyList<EncodedSample> Of(TrainingText text, IEnumerable<PackedBatch> parts) =>
        [.. parts.SelectMany(part => part.Samples).DistinctBy(sample => sample.Source, ReferenceEqualityComparer.Instance).Select(sample => Of(text, sample))];

    /// <summary>The prompt of a sample.</summary>
    /// <exception cref="CaravanException">It has none.</exception>
    public static EncodedSample Of(TrainingText text, EncodedSample sample)
    {
        if (sample.Source is PromptSample) return sample;
        (Passage prompt, Passage answer) = Answered(sample.Source);
        return new EncodedSample(
            new PromptSample(prompt, new JsonObject { ["answer"] = MessageList.TextOf(answer.Messages![0]!) }, sample.Source.Origin), [text.Prompt(prompt)]);
    }

    /// <summary>A conversation as a prompt and its last answer.</summary>
    /// <exception cref="CaravanException">The sample is no conversation that ends with an answer.</exception>
    public static (Passage Prompt, Passage Answer) Answered(Sample sample) =>
        sample is ConversationSample { Messages: { Count: > 1 } messages } conversation && MessageList.RoleOf(messages[^1]!) == "assistant"
            ? (Passage.Of(MessageList.Copy(messages.SkipLast(1)), conversation.Tools), Passage.Of(MessageList.Copy(messages.TakeLast(1))))
            : throw sample.Origin.Problem($"holds {sample.Kind}; this method learns from prompts, or conversations that end with an answer.");
}

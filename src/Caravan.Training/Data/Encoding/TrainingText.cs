using System.Text.Json.Nodes;
using Caravan.Inference;
using Caravan.Text;

namespace Caravan.Training;

/// <summary>
/// Turns samples into tokens with what is learnt of them: all of a text, and of conversations the answers with the tokens that end them. Counts what it
/// leaves out.
/// </summary>
internal sealed class TrainingText
{
    private readonly Tokenizer tokenizer;
    private readonly TrainingTextOptions options;
    private readonly ConversationEncoder? conversations;

    /// <summary>An encoder for one model.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="format">
    /// How conversations are written; null for models without turns, which take prompts and answers that are bare texts, one behind the other.
    /// </param>
    /// <param name="options">How samples become tokens.</param>
    public TrainingText(Tokenizer tokenizer, ChatFormat? format, TrainingTextOptions options)
    {
        if (options.Context < 2) throw new CaravanException($"A context of {options.Context} tokens leaves nothing to predict; give 2 or more.");
        this.tokenizer = tokenizer;
        this.options = options;
        Format = format?.At(options.Date);
        conversations = Format is null ? null : new ConversationEncoder(tokenizer, Format);
    }

    /// <summary>How conversations are written; null for none.</summary>
    public ChatFormat? Format { get; }

    /// <summary>Most tokens of a sequence.</summary>
    public int Context => options.Context;

    /// <summary>Tokens that end an answer, the one that is learnt first.</summary>
    public IReadOnlyList<int> StopTokens =>
        [.. ((IEnumerable<int>)[.. Format?.StopTokens ?? [], .. tokenizer.EosId is { } end ? [end] : (int[])[], .. tokenizer.EndOfGenerationIds]).Distinct()];

    /// <summary>How many samples were left out for their length, so far.</summary>
    public long Dropped { get; private set; }

    /// <summary>How many samples were cut off, so far.</summary>
    public long Truncated { get; private set; }

    /// <summary>The sample as tokens; null when it is left out for its length, or is an empty text.</summary>
    /// <exception cref="CaravanException">The template refuses it, it has nothing to learn, or it is too long and that is an error.</exception>
    public EncodedSample? Encode(Sample sample)
    {
        sample = options.Rewrite?.Invoke(sample) ?? sample;
        IReadOnlyList<EncodedSequence> sequences;
        try
        {
            sequences = Sequences(sample);
        }
        catch (CaravanException exception)
        {
            throw sample.Origin.Problem($"cannot be turned into tokens: {exception.Message}", exception);
        }

        return Fit(sample, sequences);
    }

    /// <summary>A prompt as tokens that end where the answer begins, without labels.</summary>
    public EncodedSequence Prompt(Passage prompt)
    {
        int[] tokens = Format is null && prompt.Text is { } text
            ? [.. tokenizer.Definition.Before, .. tokenizer.Encode(text, addSpecial: false)]
            : ChatPrompt.Of(Chat.Format, prompt.AsMessages("user"), prompt.Tools).Prompt.Tokens;
        return EncodedSequence.Of(tokens, new bool[tokens.Length]);
    }

    /// <summary>An answer behind its prompt, of which the answer is learnt.</summary>
    public EncodedSequence Answer(Passage prompt, Passage answer)
    {
        if (Format is null && prompt.Text is { } question && answer.Text is { } words) return Bare(question, words);
        JsonArray messages = prompt.AsMessages("user");
        int first = messages.Count;
        foreach (JsonNode? message in answer.AsMessages("assistant")) messages.Add(message!.DeepClone());
        return Chat.EncodeAnswer(messages, first, prompt.Tools);
    }

    private IReadOnlyList<EncodedSequence> Sequences(Sample sample) => sample switch
    {
        TextSample text => Pieces(Text(text.Text)),
        ConversationSample conversation => Chat.Encode(conversation.Messages, conversation.Tools),
        PreferenceSample pair => [Answer(pair.Prompt, pair.Chosen), Answer(pair.Prompt, pair.Rejected)],
        LabelledSample labelled => [Answer(labelled.Prompt, labelled.Completion)],
        RankedSample ranked => [.. ranked.Responses.Select(response => Answer(ranked.Prompt, response))],
        PromptSample prompt => [Prompt(prompt.Prompt)],
        _ => throw new InvalidOperationException($"A {sample.GetType().Name} is no sample that is known."),
    };

    private EncodedSequence Text(string text)
    {
        List<int> tokens = [.. tokenizer.Encode(text)];
        if (tokenizer.EosId is { } end && (tokens.Count == 0 || tokens[^1] != end)) tokens.Add(end);
        return EncodedSequence.Of([.. tokens], Enumerable.Repeat(true, tokens.Count).ToArray());
    }

    private EncodedSequence Bare(string prompt, string answer)
    {
        TextToken[] tokens = tokenizer.EncodeWithOffsets(prompt + answer, addSpecial: false);
        List<int> ids = [.. tokenizer.Definition.Before, .. tokens.Select(token => token.Id)];
        List<bool> learnt = [.. tokenizer.Definition.Before.Select(_ => false), .. tokens.Select(token => token.End > prompt.Length)];
        if (tokenizer.EosId is { } end)
        {
            ids.Add(end);
            learnt.Add(true);
        }

        return EncodedSequence.Of([.. ids], [.. learnt]);
    }

    private ConversationEncoder Chat => conversations ?? throw new CaravanException("It holds messages, but no chat template was given.");

    private EncodedSequence[] Pieces(EncodedSequence text)
    {
        int pieces = (text.Tokens.Length + options.Context - 1) / options.Context;
        return [.. Enumerable.Range(0, pieces)
            .Select(i => text.Slice(i * options.Context, Math.Min(options.Context, text.Tokens.Length - (i * options.Context))))
            .Where(piece => piece.Counted > 0)];
    }

    private EncodedSample? Fit(Sample sample, IReadOnlyList<EncodedSequence> sequences)
    {
        if (sequences.Count == 0) return null;
        int longest = sequences.Max(sequence => sequence.Tokens.Length);
        if (longest > options.Context)
        {
            if (options.Long == LongSamples.Error)
                throw sample.Origin.Problem($"has {longest} tokens, more than the context of {options.Context}; give a longer context, or let long samples be truncated or dropped.");
            EncodedSequence[] cut = [.. sequences.Select(sequence => sequence.Tokens.Length > options.Context ? sequence.Slice(0, options.Context) : sequence)];
            if (options.Long == LongSamples.Drop || cut.Any(sequence => sequence.Counted == 0))
            {
                Dropped++;
                return null;
            }

            Truncated++;
            sequences = cut;
        }

        return new EncodedSample(sample, sequences);
    }
}

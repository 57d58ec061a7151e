using System.Text.Json.Nodes;
using Caravan.Inference;
using Caravan.Text;

namespace Caravan.Training;

/// <summary>
/// Finds what the model itself says in a conversation by rendering it as far as each of its turns: what the template adds behind the prompt of that
/// turn is learnt, up to the token that ends it. Whatever a template does, what is learnt then stands behind the very prompt that the model will see.
/// </summary>
internal sealed class ConversationEncoder
{
    private readonly Tokenizer tokenizer;
    private readonly string[] ends;

    /// <summary>An encoder for one format.</summary>
    public ConversationEncoder(Tokenizer tokenizer, ChatFormat format)
    {
        (this.tokenizer, Format) = (tokenizer, format);
        ends = [.. format.StopStrings, .. format.StopTokens.Concat(tokenizer.EndOfGenerationIds).Select(tokenizer.TokenText).Where(text => text.Length > 0)];
    }

    /// <summary>The format.</summary>
    public ChatFormat Format { get; }

    /// <summary>A conversation of which all answers are learnt: one sequence, or several where the template writes earlier turns differently later on.</summary>
    /// <exception cref="CaravanException">There is no answer in it, or the template refuses it.</exception>
    public IReadOnlyList<EncodedSequence> Encode(JsonArray messages, JsonArray? tools) => Encode(messages, tools, 0);

    /// <summary>A conversation of which the answers from message <paramref name="first"/> on are learnt, which must be one sequence.</summary>
    /// <exception cref="CaravanException">It is not, or there is no answer, or the template refuses it.</exception>
    public EncodedSequence EncodeAnswer(JsonArray messages, int first, JsonArray? tools)
    {
        IReadOnlyList<EncodedSequence> sequences = Encode(messages, tools, first);
        return sequences.Count == 1
            ? sequences[0]
            : throw new ChatTemplateException("It writes an answer of several turns differently while it goes on, so that the turns cannot be scored together.");
    }

    private List<EncodedSequence> Encode(JsonArray messages, JsonArray? tools, int first)
    {
        // Preparing may add or take away a message in front; counted from the end, places stay.
        int tail = messages.Count - first;
        (JsonArray prepared, JsonArray? native) = ChatPrompt.Prepared(Format, messages, tools);
        try
        {
            return Encode(new TurnFinder(Format, prepared, native, ends), tail);
        }
        catch (ChatTemplateException) when (ChatPrompt.MoveSystem(prepared))
        {
            return Encode(new TurnFinder(Format, prepared, native, ends), tail);
        }
    }

    private List<EncodedSequence> Encode(TurnFinder finder, int tail)
    {
        List<Turn> turns = finder.Turns(tail);
        if (turns.Count == 0) throw new ChatTemplateException("There is no turn of the assistant in it, and so nothing to learn.");
        List<EncodedSequence> sequences = [];
        for (int last = turns.Count - 1; last >= 0;)
        {
            int begin = last;
            while (begin > 0 && turns[last].Text.StartsWith(turns[begin - 1].Text.AsSpan(0, turns[begin - 1].End), StringComparison.Ordinal)) begin--;
            sequences.Insert(0, Sequence(turns[last].Text, turns[begin..(last + 1)], finder.Mark));
            last = begin - 1;
        }

        return sequences;
    }

    private EncodedSequence Sequence(string rendered, List<Turn> turns, char mark)
    {
        rendered = rendered[..turns[^1].End];
        (int Start, int End)[] spans = [.. turns.Select(turn => (Unmarked(rendered, turn.Start, mark), Unmarked(rendered, EndIn(rendered, turn), mark)))];
        TextToken[] tokens = Format.EncodeRendered(rendered, mark);
        List<int> ids = [.. tokens.Select(token => token.Id)];
        List<bool> learnt = [.. tokens.Select(token => spans.Any(span => token.End > span.Start && token.Start < span.End))];
        if (tokenizer.EosId is { } end && !ends.Any(mark => rendered.EndsWith(mark, StringComparison.Ordinal)))
        {
            ids.Add(end);
            learnt.Add(true);
        }

        return EncodedSequence.Of([.. ids], [.. learnt]);
    }

    /// <summary>Where a format marks the end of a turn only when another follows, perhaps by the words that begin that one, the mark is learnt too.</summary>
    private int EndIn(string rendered, Turn turn)
    {
        if (ends.Any(mark => rendered.AsSpan(0, turn.End).EndsWith(mark, StringComparison.Ordinal))) return turn.End;
        int blanks = rendered.Length - turn.End - rendered.AsSpan(turn.End).TrimStart().Length;
        foreach (int place in (ReadOnlySpan<int>)[turn.End, turn.End + blanks])
            if (ends.FirstOrDefault(mark => rendered.AsSpan(place).StartsWith(mark, StringComparison.Ordinal)) is { } follows) return place + follows.Length;
        return turn.End;
    }

    private static int Unmarked(string rendered, int place, char mark) => place - rendered.AsSpan(0, place).Count(mark);
}

using System.Text.Json.Nodes;
using Caravan.Inference;
using Caravan.Text;

namespace Caravan.Cli;

/// <summary>
/// A conversation that the model continues. Every prompt begins as the one before it, so the engine finds the keys and values of earlier turns
/// in its pages.
/// </summary>
internal sealed class ChatSession(Engine engine, ChatFormat format, TextRequest request, TextWriter? shown)
{
    private readonly List<ChatTurn> turns = [];
    private int forgotten;
    private ulong repeats;

    /// <summary>All turns since the last <see cref="Clear"/>.</summary>
    public IReadOnlyList<ChatTurn> Turns => turns;

    /// <summary>The instruction above the conversation, or null.</summary>
    public string? System { get; set; }

    /// <summary>Forgets everything that was said; the system message stays.</summary>
    public void Clear()
    {
        turns.Clear();
        forgotten = 0;
    }

    /// <summary>Takes back the last turn; null when there is none.</summary>
    public ChatTurn? Undo()
    {
        if (turns.Count == 0) return null;
        ChatTurn last = turns[^1];
        turns.RemoveAt(turns.Count - 1);
        forgotten = Math.Min(forgotten, turns.Count);
        return last;
    }

    /// <summary>Goes on from a conversation that was held before.</summary>
    public void Continue(ConversationFile conversation)
    {
        Clear();
        System = conversation.System;
        turns.AddRange(conversation.Turns.Select(turn => new ChatTurn(turn.User, turn.Assistant, null, 0)));
    }

    /// <summary>Answers; the answer is shown while it comes.</summary>
    /// <exception cref="CaravanException">The text does not fit the context, the template refuses it, or the model gave no usable numbers.</exception>
    public ChatTurn Answer(string question, CancellationToken cancellation) => Answer(question, request.Sampling.Seed, cancellation);

    /// <summary>Answers the last question anew, with another seed; null when there is none.</summary>
    /// <exception cref="CaravanException">See <see cref="Answer(string, CancellationToken)"/>; the old answer is gone all the same.</exception>
    public ChatTurn? Regenerate(CancellationToken cancellation) =>
        Undo() is { } last ? Answer(last.User, request.Sampling.Seed + ++repeats, cancellation) : null;

    private ChatTurn Answer(string question, ulong? seed, CancellationToken cancellation)
    {
        int before = forgotten;
        TextRequest next = request with
        {
            PromptTokens = Fitting(question),
            Sampling = request.Sampling with { Seed = seed },
            StopTokens = format.StopTokens,
            StopStrings = [.. request.StopStrings, .. format.StopStrings],
        };
        TextStream stream = new(shown, skipsBlanks: true);
        TextGeneration generation = TextGeneration.Run(engine, next, stream.Receive, cancellation);
        ChatTurn turn = new(question, stream.Text.Trim(), generation.Tokens, forgotten - before);
        turns.Add(turn);
        return turn;
    }

    /// <summary>The conversation without as many of the oldest turns as it takes to leave room for an answer; the system message stays.</summary>
    private int[] Fitting(string question)
    {
        int room = engine.ContextLength - Math.Min(request.MaxTokens, engine.ContextLength / 4);
        int[] tokens = Tokens(question);
        while (forgotten < turns.Count && tokens.Length > room)
        {
            forgotten++;
            tokens = Tokens(question);
        }

        return tokens;
    }

    private int[] Tokens(string question)
    {
        JsonArray messages = [];
        if (System is not null) messages.Add(ConversationFile.Message("system", System));
        foreach (ChatTurn turn in turns.Skip(forgotten))
        {
            messages.Add(ConversationFile.Message("user", turn.User));
            messages.Add(ConversationFile.Message("assistant", turn.Assistant));
        }

        messages.Add(ConversationFile.Message("user", question));
        return format.Encode(messages, request.ParseSpecial);
    }
}

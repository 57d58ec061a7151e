using System.Text.Json.Nodes;
using Caravan.Formats;
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
    private readonly List<Picture> images = [];
    private int forgotten;
    private ulong repeats;

    /// <summary>All turns since the last <see cref="Clear"/>.</summary>
    public IReadOnlyList<ChatTurn> Turns => turns;

    /// <summary>The instruction above the conversation, or null.</summary>
    public string? System { get; set; }

    /// <summary>Shows a picture with the next question. Pictures stand before the conversation, in their order.</summary>
    /// <exception cref="CaravanException">The model sees no images.</exception>
    public void Show(Picture image)
    {
        if (engine.Model.VisionLanguage is null)
            throw new CaravanException($"'{engine.Model.Path}' is of the family {engine.Model.Family.Name} and sees no images; take a vision-language model.");
        images.Add(image);
    }

    /// <summary>Forgets everything that was said and shown; the system message stays.</summary>
    public void Clear()
    {
        turns.Clear();
        images.Clear();
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
        Undo() is { } last ? AnswerAgain(last, cancellation) : null;

    private ChatTurn AnswerAgain(ChatTurn last, CancellationToken cancellation)
    {
        images.InsertRange(0, last.Images);
        return Answer(last.User, request.Sampling.Seed + ++repeats, cancellation);
    }

    private ChatTurn Answer(string question, ulong? seed, CancellationToken cancellation)
    {
        int before = forgotten;
        TextRequest next = request with
        {
            Encoded = Fitting(question),
            Images = [.. turns.Skip(forgotten).SelectMany(turn => turn.Images), .. images],
            Sampling = request.Sampling with { Seed = seed },
            StopTokens = format.StopTokens,
            StopStrings = [.. request.StopStrings, .. format.StopStrings],
        };
        ShownText stream = new(shown, skipsBlanks: true);
        TextGeneration generation = TextGeneration.Run(engine, next, stream.Receive, cancellation);
        ChatTurn turn = new(question, stream.Text.Trim(), generation.Tokens, forgotten - before) { Images = [.. images] };
        images.Clear();
        turns.Add(turn);
        return turn;
    }

    /// <summary>The conversation without as many of the oldest turns as it takes to leave room for an answer; the system message stays.</summary>
    private EncodedPrompt Fitting(string question)
    {
        int room = engine.ContextLength - Math.Min(request.MaxTokens, engine.ContextLength / 4);
        EncodedPrompt prompt = Prompt(question);
        while (forgotten < turns.Count && prompt.Tokens.Length > room)
        {
            forgotten++;
            prompt = Prompt(question);
        }

        return prompt;
    }

    private EncodedPrompt Prompt(string question)
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

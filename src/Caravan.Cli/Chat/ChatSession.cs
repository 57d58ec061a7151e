using System.Text;
using Caravan.Inference;

namespace Caravan.Cli;

/// <summary>
/// A conversation as one growing transcript that the model continues. Since every turn begins as the one before ended, the engine finds the
/// keys and values of all earlier turns in its pages.
/// </summary>
internal sealed class ChatSession(Engine engine, TextRequest request, string? system, TextWriter? shown)
{
    /// <summary>What stands before the user's turns.</summary>
    public const string UserName = "User:";

    /// <summary>What stands before the model's turns.</summary>
    public const string AssistantName = "Assistant:";

    private readonly List<ChatTurn> turns = [];
    private int forgotten;

    /// <summary>All turns since the last <see cref="Clear"/>.</summary>
    public IReadOnlyList<ChatTurn> Turns => turns;

    /// <summary>Forgets everything that was said.</summary>
    public void Clear()
    {
        turns.Clear();
        forgotten = 0;
    }

    /// <summary>Answers; the answer is shown while it comes.</summary>
    /// <exception cref="CaravanException">The text does not fit the context, or the model gave no usable numbers.</exception>
    public ChatTurn Answer(string line, CancellationToken cancellation)
    {
        int before = forgotten;
        TextRequest next = request with { Prompt = Fitting(line), StopStrings = [.. request.StopStrings, "\n" + UserName] };
        TextStream stream = new(shown);
        TextGeneration generation = TextGeneration.Run(engine, next, stream.Receive, cancellation);
        ChatTurn turn = new(line, stream.Text, generation.Tokens, forgotten - before);
        turns.Add(turn);
        return turn;
    }

    /// <summary>The transcript without as many of the oldest turns as it takes to leave room for an answer.</summary>
    private string Fitting(string line)
    {
        int room = engine.ContextLength - Math.Min(request.MaxTokens, engine.ContextLength / 4);
        string transcript = Transcript(line);
        while (forgotten < turns.Count && engine.Model.Tokenizer.Encode(transcript).Length > room)
        {
            forgotten++;
            transcript = Transcript(line);
        }

        return transcript;
    }

    private string Transcript(string line)
    {
        StringBuilder text = new();
        if (system is not null) text.Append(system).Append("\n\n");
        foreach (ChatTurn turn in turns.Skip(forgotten))
        {
            text.Append($"{UserName} {turn.User}\n{AssistantName}{turn.Assistant}");
            if (!turn.Assistant.EndsWith('\n')) text.Append('\n');
        }

        return text.Append($"{UserName} {line}\n{AssistantName}").ToString();
    }
}

using System.Text.Json.Nodes;
using Caravan.Testing;
using Caravan.Text;
using Xunit.Abstractions;

namespace Caravan.Training.Tests;

/// <summary>Of a conversation exactly what the model says is learnt, whatever the template does.</summary>
public class MaskTests(ITestOutputHelper output)
{
    [FixtureTheory]
    [MemberData(nameof(Templates))]
    public void OnlyAnswersAndTheirEndsAreLearnt(string name)
    {
        Tokenizer tokenizer = ByteTokenizer.Of(File.ReadAllText(Fixtures.PathOf("templates", name)), TemplateTurns.Ends);
        ChatFormat format = ChatFormat.Of(tokenizer, "x");
        JsonArray messages = [Message("system", "Rules."), Message("user", "Question one?"), Message("assistant", "Answer one."), Message("user", "Question two?"), Message("assistant", "Answer two.")];
        foreach (EncodedSequence sequence in new ConversationEncoder(tokenizer, format).Encode(messages, null))
            output.WriteLine($"{name}\t{string.Join(" | ", ByteTokenizer.Learnt(tokenizer, sequence)).Replace("\n", "\\n", StringComparison.Ordinal)}");
    }

    public static TheoryData<string> Templates()
    {
        TheoryData<string> names = [];
        if (Fixtures.Available)
            foreach (string file in Directory.GetFiles(Fixtures.PathOf("templates"), "*.jinja").Order(StringComparer.Ordinal)) names.Add(Path.GetFileName(file));
        return names;
    }

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };
}

using System.Text.Json;
using System.Text.RegularExpressions;
using Caravan.Testing;

namespace Caravan.Text.Tests;

/// <summary>The templates that Caravan brings along write what built-in-templates.txt shows.</summary>
public class BuiltInTemplateTests
{
    private static readonly string[] Conversations =
    [
        """[{"role":"user","content":"Hi"}]""",
        """[{"role":"system","content":"Be kind."},{"role":"user","content":"Hi"}]""",
        """[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello!"},{"role":"user","content":"2+2?"}]""",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void WritesWhatTheListShows(string name)
    {
        ChatTemplate template = ChatTemplate.Parse(BuiltInTemplates.Find(name)!.Source);
        string[] expected = Expected()[name];
        for (int i = 0; i < Conversations.Length; i++) Assert.Equal(expected[i].Replace('¶', '\n'), template.Render(Input(Conversations[i])));
    }

    [Fact]
    public void EveryFileIsRegisteredAndShown()
    {
        string folder = Path.Combine(Fixtures.Repository, "src", "Caravan.Text", "ChatTemplates", "BuiltIn");
        string[] files = [.. Directory.GetFiles(folder).Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];
        Assert.Equal(files, BuiltInTemplates.All.Select(template => template.Name).Order(StringComparer.Ordinal));
        Assert.Equal(files, Expected().Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>The engine reuses what it computed only when a conversation begins as the one before it did.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void ALaterPromptBeginsAsTheEarlierOne(string name)
    {
        // ChatGLM 1 writes a question alone without its number, Yuan 2 writes a token before the answer that is not in the history, and CPM-Bee's prompts are objects.
        if (name is "chatglm" or "yuan2" or "cpm-bee") return;
        ChatTemplate template = ChatTemplate.Parse(BuiltInTemplates.Find(name)!.Source);
        string first = template.Render(Input(Conversations[0]));
        Assert.StartsWith(first.TrimEnd(' ', '\n'), template.Render(Input(Conversations[2])), StringComparison.Ordinal);
    }

    public static TheoryData<string> Names() => new(BuiltInTemplates.All.Select(template => template.Name));

    private static ChatInput Input(string messages) => new()
    {
        Messages = JsonDocument.Parse(messages).RootElement,
        Variables = JsonDocument.Parse("""{"bos_token":"<s>","eos_token":"</s>"}""").RootElement.EnumerateObject().ToDictionary(variable => variable.Name, variable => variable.Value),
    };

    private static Dictionary<string, string[]> Expected()
    {
        string path = Path.Combine(Fixtures.Repository, "tests", "Caravan.Text.Tests", "ChatTemplates", "built-in-templates.txt");
        return Regex.Matches(File.ReadAllText(path), @"\[(\S+)\]\n1: (.*)\n2: (.*)\n3: (.*)\n")
            .ToDictionary(match => match.Groups[1].Value, match => new[] { match.Groups[2].Value, match.Groups[3].Value, match.Groups[4].Value });
    }
}

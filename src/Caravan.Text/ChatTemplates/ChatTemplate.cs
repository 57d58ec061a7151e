using System.Text.Json;
using Caravan.Text.Jinja;

namespace Caravan.Text;

/// <summary>
/// A model's chat template: a program in the Jinja language that writes a conversation as the text the model was trained on. It behaves as
/// in Hugging Face transformers (Jinja2's immutable sandbox with <c>trim_blocks</c>, <c>lstrip_blocks</c> and loop controls), and is bounded in
/// time, memory and output: see <see cref="Limits"/>. May be used by many threads at once.
/// </summary>
internal sealed class ChatTemplate
{
    private readonly IReadOnlyList<Statement> statements;

    private ChatTemplate(string source)
    {
        Source = source;
        statements = Parser.Parse(source);
    }

    /// <summary>The template as it was written.</summary>
    public string Source { get; }

    /// <summary>Reads a template.</summary>
    /// <exception cref="CaravanException">It is not in the Jinja language, or uses what a chat template cannot have.</exception>
    public static ChatTemplate Parse(string source) => new(source);

    /// <summary>The conversation as text.</summary>
    /// <exception cref="ChatTemplateException">The template refuses the conversation.</exception>
    /// <exception cref="CaravanException">The template does what has no meaning, or exceeds a limit.</exception>
    public string Render(ChatInput input)
    {
        Dictionary<string, object> variables = new(StringComparer.Ordinal)
        {
            ["messages"] = JsonValues.Read(input.Messages),
            ["add_generation_prompt"] = input.AddGenerationPrompt,
        };
        if (input.Tools is { } tools) variables["tools"] = JsonValues.Read(tools);
        if (input.Documents is { } documents) variables["documents"] = JsonValues.Read(documents);
        foreach ((string name, JsonElement value) in input.Variables) variables[name] = JsonValues.Read(value);
        return Interpreter.Render(statements, variables, input.Clock);
    }
}

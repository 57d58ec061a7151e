using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Text.Tests;

/// <summary>The templates of model cards under <c>../shared/fixtures/templates</c>, and the conversations they were rendered with.</summary>
internal static class TemplateFixtures
{
    private static readonly Lazy<JsonElement> File = new(() => JsonDocument.Parse(System.IO.File.ReadAllText(PathOf("expected.json"))).RootElement);

    public static bool Exist => System.IO.File.Exists(PathOf("expected.json"));

    public static JsonElement Expected => File.Value;

    public static IEnumerable<string> Names => Expected.GetProperty("expected").EnumerateObject().Select(template => template.Name);

    public static string Source(string template) => System.IO.File.ReadAllText(PathOf(template));

    /// <summary>A conversation with the variables that all were rendered with.</summary>
    public static ChatInput Input(string conversation)
    {
        JsonElement given = Expected.GetProperty("conversations").GetProperty(conversation);
        Dictionary<string, JsonElement> variables = [];
        foreach (JsonProperty variable in Expected.GetProperty("variables").EnumerateObject())
            if (variable.Name != "strftime_now") variables[variable.Name] = variable.Value;
        foreach (JsonProperty variable in given.EnumerateObject())
            if (variable.Name is not ("messages" or "tools" or "add_generation_prompt")) variables[variable.Name] = variable.Value;
        return new ChatInput
        {
            Messages = given.GetProperty("messages"),
            Tools = given.TryGetProperty("tools", out JsonElement tools) ? tools : null,
            AddGenerationPrompt = given.GetProperty("add_generation_prompt").GetBoolean(),
            Variables = variables,
            Clock = () => new DateTime(2024, 7, 26, 12, 0, 0, DateTimeKind.Local),
        };
    }

    private static string PathOf(string name) => Fixtures.PathOf("templates", name);
}

using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Text.Tests;

/// <summary>Templates of public model cards give what Jinja2 gives, byte for byte.</summary>
public class FixtureTemplateTests
{
    [FixtureTheory]
    [MemberData(nameof(Cases))]
    public void RendersAsJinja2(string template, string conversation)
    {
        JsonElement expected = TemplateFixtures.Expected.GetProperty("expected").GetProperty(template).GetProperty(conversation);
        ChatTemplate parsed = ChatTemplate.Parse(TemplateFixtures.Source(template));
        ChatInput input = TemplateFixtures.Input(conversation);
        if (expected.TryGetProperty("raises", out JsonElement message))
            Assert.Equal(message.GetString(), Assert.Throws<ChatTemplateException>(() => parsed.Render(input)).Message);
        else Assert.Equal(expected.GetProperty("output").GetString(), parsed.Render(input));
    }

    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> cases = [];
        if (!TemplateFixtures.Exist) return cases;
        foreach (JsonProperty template in TemplateFixtures.Expected.GetProperty("expected").EnumerateObject())
            foreach (JsonProperty conversation in template.Value.EnumerateObject()) cases.Add(template.Name, conversation.Name);
        return cases;
    }
}

namespace Caravan.Text;

/// <summary>A chat template that Caravan brings along for models whose files carry none.</summary>
/// <param name="Name">How it is chosen: the name of its file in <c>BuiltIn/</c>.</param>
/// <param name="Tokens">Tokens by which its models' vocabularies are known; all must be there. Empty when the turns are plain text.</param>
/// <param name="Models">Words in the names of models that were trained with it.</param>
internal sealed record BuiltInTemplate(string Name, string[] Tokens, params string[] Models)
{
    /// <summary>The template, read from the file.</summary>
    public string Source
    {
        get
        {
            using Stream stream = typeof(BuiltInTemplate).Assembly.GetManifestResourceStream($"Caravan.Text.ChatTemplates.{Name}.jinja")!;
            using StreamReader reader = new(stream);
            return reader.ReadToEnd();
        }
    }
}

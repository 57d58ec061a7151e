namespace Caravan.Text;

/// <summary>What every definition must hold to, whatever file it came from.</summary>
internal static class DefinitionChecks
{
    /// <summary>Checks that all ids lie in the vocabulary.</summary>
    /// <exception cref="CaravanException">One does not.</exception>
    public static void Check(TokenizerDefinition definition)
    {
        Check(definition, "beginning-of-text token", definition.BosId);
        Check(definition, "end-of-text token", definition.EosId);
        Check(definition, "unknown token", definition.UnknownId);
        Check(definition, "padding token", definition.PadId);
        Check(definition, "separator token", definition.SeparatorId);
        Check(definition, "mask token", definition.MaskId);
        foreach (int id in definition.Before.Concat(definition.After)) Check(definition, "special token around a text", id);
        foreach (int id in definition.EndIds) Check(definition, "end-of-generation token", id);
        foreach (AddedToken token in definition.Added) Check(definition, $"added token '{token.Content}'", token.Id);
    }

    private static void Check(TokenizerDefinition definition, string what, int? id)
    {
        if (id is { } number && (uint)number >= (uint)definition.Pieces.Length)
            throw new CaravanException(
                $"'{definition.Source}' gives its {what} the id {number}, but its vocabulary has only {definition.Pieces.Length} tokens; "
                + "the file does not belong to this vocabulary.");
    }
}

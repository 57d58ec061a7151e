namespace Caravan.Text.Jinja;

/// <summary>What a token is.</summary>
internal enum TokenKind
{
    /// <summary>Text outside all braces.</summary>
    Data,

    /// <summary><c>{{</c>.</summary>
    PrintBegin,

    /// <summary><c>}}</c>.</summary>
    PrintEnd,

    /// <summary><c>{%</c>.</summary>
    BlockBegin,

    /// <summary><c>%}</c>.</summary>
    BlockEnd,

    /// <summary>A name or a word of the language.</summary>
    Name,

    /// <summary>A text in quotes, with its escapes resolved.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with a fraction or an exponent.</summary>
    Float,

    /// <summary>A sign such as <c>+</c> or <c>(</c>.</summary>
    Operator,

    /// <summary>The end of the template.</summary>
    End,
}

/// <summary>A piece of a template.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    /// <summary>Whether it is this name or sign.</summary>
    public bool Is(string text) => Kind is TokenKind.Name or TokenKind.Operator && Text == text;

    /// <summary>How it is named in messages.</summary>
    public string Description => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.Data => "the end of the braces",
        TokenKind.Text => "a text in quotes",
        _ => $"'{Text}'",
    };
}

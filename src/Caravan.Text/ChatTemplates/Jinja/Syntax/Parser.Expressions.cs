using System.Globalization;
using System.Numerics;

namespace Caravan.Text.Jinja;

/// <summary>Expressions, the loosest operators first.</summary>
internal sealed partial class Parser
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    /// <summary>Binary operators by how tightly they bind; all go from left to right, and signs bind tighter than each of them.</summary>
    private static readonly string[][] Operators = [["+", "-"], ["~"], ["*", "/", "//", "%"], ["**"]];

    /// <summary>An expression, or several with commas between them, which make a tuple.</summary>
    private Expression Tuple(bool withCondition = true)
    {
        int line = Current.Line;
        List<Expression> items = [];
        bool isTuple = false;
        while (true)
        {
            if (items.Count > 0 && EndsTuple()) break;
            items.Add(withCondition ? Expression() : Or());
            if (!Skip(",")) break;
            isTuple = true;
        }

        return isTuple ? new TupleDisplay(items, line) : items[0];
    }

    private bool EndsTuple() => Current.Kind is TokenKind.PrintEnd or TokenKind.BlockEnd || Current.Is(")");

    private Expression Expression()
    {
        Enter();
        Expression value = Or();
        while (Skip("if"))
        {
            Expression test = Or();
            value = new Conditional(test, value, Skip("else") ? Expression() : null, value.Line);
        }

        depth--;
        return value;
    }

    private Expression Or()
    {
        Expression left = And();
        while (Skip("or")) left = new Logical(false, left, And(), left.Line);
        return left;
    }

    private Expression And()
    {
        Expression left = Not();
        while (Skip("and")) left = new Logical(true, left, Not(), left.Line);
        return left;
    }

    private Expression Not()
    {
        int line = Current.Line;
        if (!Skip("not")) return Compared();
        Enter();
        Expression operand = Not();
        depth--;
        return new Negation(operand, line);
    }

    private Expression Compared()
    {
        Expression first = Binary(0);
        List<(string, Expression)> rest = [];
        while (true)
        {
            if (Current.Kind == TokenKind.Operator && Comparisons.Contains(Current.Text)) rest.Add((tokens[next++].Text, Binary(0)));
            else if (Skip("in")) rest.Add(("in", Binary(0)));
            else if (Current.Is("not") && tokens[next + 1].Is("in"))
            {
                next += 2;
                rest.Add(("not in", Binary(0)));
            }
            else return rest.Count == 0 ? first : new Comparison(first, rest, first.Line);
        }
    }

    private Expression Binary(int level)
    {
        if (level == Operators.Length) return Unary(withFilters: true);
        Expression left = Binary(level + 1);
        while (Current.Kind == TokenKind.Operator && Operators[level].Contains(Current.Text))
        {
            string sign = tokens[next++].Text;
            Expression right = Binary(level + 1);
            left = sign == "~" ? Joined(left, right) : new Arithmetic(sign, left, right, left.Line);
        }

        return left;
    }

    private static Concatenation Joined(Expression left, Expression right) =>
        new(left is Concatenation { Items: List<Expression> items } ? Appended(items, right) : new List<Expression> { left, right }, left.Line);

    private static List<Expression> Appended(List<Expression> items, Expression item)
    {
        items.Add(item);
        return items;
    }

    private Expression Unary(bool withFilters)
    {
        int line = Current.Line;
        Enter();
        Expression value = Current.Is("-") || Current.Is("+")
            ? new Signed(tokens[next++].Text[0], Unary(withFilters: false), line)
            : Primary();
        value = Postfix(value);
        depth--;
        return withFilters ? FiltersAndTests(value) : value;
    }

    private Expression Primary()
    {
        Token token = tokens[next++];
        switch (token.Kind)
        {
            case TokenKind.Name when Constants.Find(token.Text) is { } constant: return new Literal(constant, token.Line);
            case TokenKind.Name:
                foreach (HashSet<string> names in macroNames) names.Add(token.Text);
                return new Variable(token.Text, token.Line);
            case TokenKind.Text:
                int first = next - 1;
                while (Current.Kind == TokenKind.Text) next++;
                return new Literal(string.Concat(tokens[first..next].Select(part => part.Text)), token.Line);
            case TokenKind.Integer: return new Literal(Integer(token), token.Line);
            case TokenKind.Float: return new Literal(double.Parse(token.Text, CultureInfo.InvariantCulture), token.Line);
            case TokenKind.Operator when token.Text == "(":
                Expression inner = Current.Is(")") ? new TupleDisplay([], token.Line) : Tuple();
                Require(")");
                return inner;
            case TokenKind.Operator when token.Text == "[": return new ListDisplay(Items("]"), token.Line);
            case TokenKind.Operator when token.Text == "{": return Dict(token.Line);
            default:
                next--;
                throw Fail($"has {token.Description} where a value was expected");
        }
    }

    private BigInteger Integer(Token token)
    {
        string digits = token.Text.ToLowerInvariant();
        int radix = digits.StartsWith("0x", StringComparison.Ordinal) ? 16 : digits.StartsWith("0o", StringComparison.Ordinal) ? 8
            : digits.StartsWith("0b", StringComparison.Ordinal) ? 2 : 10;
        return PythonNumber.ParseInteger(radix == 10 ? digits : digits[2..], radix) ?? throw Fail($"has '{token.Text}', which is no number within bounds");
    }

    private List<Expression> Items(string end)
    {
        List<Expression> items = [];
        while (!Skip(end))
        {
            if (items.Count > 0) Require(",");
            if (items.Count > 0 && Skip(end)) break;
            items.Add(Expression());
        }

        return items;
    }

    private DictDisplay Dict(int line)
    {
        List<(Expression, Expression)> items = [];
        while (!Skip("}"))
        {
            if (items.Count > 0) Require(",");
            if (items.Count > 0 && Skip("}")) break;
            Expression key = Expression();
            Require(":");
            items.Add((key, Expression()));
        }

        return new DictDisplay(items, line);
    }

    private Expression Postfix(Expression value)
    {
        while (true)
        {
            if (Skip(".")) value = Member(value);
            else if (Skip("[")) value = Subscript(value);
            else if (Current.Is("(")) value = new CallOf(value, Arguments(), value.Line);
            else return value;
        }
    }

    private Expression Member(Expression value)
    {
        Token name = tokens[next++];
        return name.Kind switch
        {
            TokenKind.Name => new AttributeOf(value, name.Text, name.Line),
            TokenKind.Integer => new ItemOf(value, new Literal(Integer(name), name.Line), name.Line),
            _ => throw Fail($"has {name.Description} where an attribute's name was expected"),
        };
    }

    private Expression Subscript(Expression value)
    {
        int line = Current.Line;
        Expression? start = Current.Is(":") ? null : Expression();
        if (!Skip(":"))
        {
            Require("]");
            return new ItemOf(value, start!, line);
        }

        Expression? stop = Current.Is("]") || Current.Is(":") ? null : Expression();
        Expression? step = Skip(":") && !Current.Is("]") ? Expression() : null;
        Require("]");
        return new SliceOf(value, start, stop, step, line);
    }

    private CallArguments Arguments()
    {
        List<Expression> positional = [];
        List<(string, Expression)> named = [];
        Expression? rest = null, namedRest = null;
        Require("(");
        bool first = true;
        while (!Skip(")"))
        {
            if (!first) Require(",");
            if (!first && Skip(")")) break;
            first = false;
            if (Skip("**")) namedRest = Expression();
            else if (Skip("*")) rest = Expression();
            else if (Current.Kind == TokenKind.Name && tokens[next + 1].Is("="))
            {
                string name = Current.Text;
                next += 2;
                named.Add((name, Expression()));
            }
            else if (named.Count > 0 || namedRest is not null || rest is not null) throw Fail("has an argument without a name behind one with a name");
            else positional.Add(Expression());
        }

        return new CallArguments(positional, named, rest, namedRest);
    }

    private Expression FiltersAndTests(Expression value)
    {
        while (true)
        {
            if (Current.Is("|")) value = Filters(value);
            else if (Skip("is")) value = Test(value);
            else if (Current.Is("(")) value = new CallOf(value, Arguments(), value.Line);
            else return value;
        }
    }

    private Expression Filters(Expression value)
    {
        while (Skip("|")) value = FilterOn(value);
        return value;
    }

    private Filtered FilterOn(Expression value)
    {
        Token name = Expect(TokenKind.Name, "a filter's name");
        return new Filtered(value, name.Text, Current.Is("(") ? Arguments() : CallArguments.None, name.Line);
    }

    private Expression Test(Expression value)
    {
        bool negated = Skip("not");
        Token name = Expect(TokenKind.Name, "a test's name");
        CallArguments arguments = CallArguments.None;
        if (Current.Is("("))
        {
            arguments = Arguments();
        }
        else if (TakesOperand())
        {
            arguments = CallArguments.None with { Positional = [Postfix(Primary())] };
        }

        Tested test = new(value, name.Text, arguments, name.Line);
        return negated ? new Negation(test, name.Line) : test;
    }

    /// <summary>Whether what follows a test's name is its argument: <c>is divisibleby 3</c>.</summary>
    private bool TakesOperand() => Current.Kind switch
    {
        TokenKind.Text or TokenKind.Integer or TokenKind.Float => true,
        TokenKind.Name => Current.Text is not ("else" or "or" or "and" or "is" or "if" or "in" or "not" or "recursive"),
        TokenKind.Operator => Current.Text is "[" or "{",
        _ => false,
    };
}
